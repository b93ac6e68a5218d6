using System.Diagnostics;

namespace Rebound.Cli.Tests.Ranks;

/// <summary>Ranks that real launchers start, where they are installed (<c>scripts/launchers</c>).</summary>
public sealed class LauncherTests
{
    private static readonly string[] Check = ["dotnet", ReboundProcess.Program, "ranks", "--repeats", "1"];

    [Fact]
    public void Open_MPI_starts_ranks_that_find_each_other()
    {
        Assert.SkipUnless(IsInstalled("mpirun"), "Open MPI is not installed (scripts/launchers).");

        var run = FinishedProcess.Of(
            new ProcessStartInfo("mpirun", ["--allow-run-as-root", "--oversubscribe", "-n", "2", .. Check]), "mpirun");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        AssertAddsUp("2 ranks (Open MPI); they meet at 127.0.0.1:29500 (the defaults); this is rank 0.", run.Output);
    }

    [Fact]
    public void Slurm_starts_ranks_that_find_each_other()
    {
        Assert.SkipWhen(SlurmNode.Absence() is not null, SlurmNode.Absence() ?? "");
        using var slurm = new SlurmNode();

        var run = slurm.Run("srun", ["-n", "2", .. Check]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        AssertAddsUp(
            $"2 ranks (Slurm, step 1.0); they meet at {Environment.MachineName}:15001 (the first of Slurm's hosts, a port by the job's number); "
            + "this is rank 0.", run.Output);
    }

    internal static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static void AssertAddsUp(string summary, string output)
    {
        var lines = output.Replace("\r", "").Replace("\u001b[?1h\u001b=", "").Split('\n');
        Assert.Equal(summary, lines[0]);
        Assert.StartsWith("  rank 1 ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("The sum of 16 MiB of every rank is right on every rank", lines[3], StringComparison.Ordinal);
    }
}
