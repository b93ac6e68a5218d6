using System.Diagnostics;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Requests to stop: work that saves is waited for, work that does not listen is ended.</summary>
public sealed class SignalTests
{
    [Theory]
    [InlineData("HUP")]
    [InlineData("TERM")]
    [InlineData("USR1")]
    public async Task A_training_that_is_asked_to_stop_saves_and_says_how_to_go_on(string signal)
    {
        SkipElsewhere();
        using var folder = new TrainingFolder();
        using var run = new RunningProcess(folder.Arguments("--max-steps", "20000", "--save-strategy", "no", "--logging-steps", "1"));
        Assert.True(await run.SaysAsync("loss "), run.Said);
        await run.SignalAsync(signal);
        await run.EndAsync();
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("--resume auto goes on from there", run.Said);
        Assert.Single(Directory.GetDirectories(folder.Path("out"), "checkpoint-*"));
    }

    [Fact]
    public void A_hang_up_that_is_ignored_stays_ignored()
    {
        SkipElsewhere();
        using var folder = new TrainingFolder();
        var run = ShellRun.Of(
            "trap '' HUP; $rebound \"$@\" & child=$!; while ! [ -s \"${@: -1}/metrics.jsonl\" ]; do sleep 0.1; done; kill -HUP $child; "
                + "wait $child",
            [.. folder.Arguments("--max-steps", "300", "--save-strategy", "no", "--output_dir", folder.Path("moved"))
                .Except(["--output_dir", folder.Path("moved")]),
                "--output_dir", folder.Path("moved")]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(300, File.ReadLines(folder.Path("moved/metrics.jsonl")).Count());
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task Work_that_does_not_listen_is_ended_with_a_sentence(string signal, int exitCode)
    {
        SkipElsewhere();
        var pipe = Path.Combine(Directory.CreateTempSubdirectory("rebound-signal-").FullName, "pipe");
        ShellRun.Of("mkfifo \"$1\"", pipe);
        using var run = new RunningProcess("data", "show", pipe);
        Assert.True(await run.SaysAsync("waiting for what is written into it"), run.Said);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        await run.SignalAsync(signal);
        var clock = Stopwatch.StartNew();
        await run.EndAsync();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains("The work did not stop within 5 seconds and was ended", run.Said);
        Directory.Delete(Path.GetDirectoryName(pipe)!, recursive: true);
    }

    [Fact]
    public async Task Waiting_for_standard_input_ends_at_once()
    {
        SkipElsewhere();
        using var run = new RunningProcess(["tool", "calculate", "--input", "-"], keepsInputOpen: true);
        await run.TypeAsync("""{"expression": "1+1"}""");
        while (run.Printed == 0 && !run.HasEnded)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await run.SignalAsync("TERM");
        await run.EndAsync();
        Assert.Equal(130, run.ExitCode);
        Assert.DoesNotContain("did not stop", run.Said);
    }

    private static void SkipElsewhere() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
}
