using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>Runs the built command line as a process, as a person or a script does, and keeps what it said.</summary>
internal sealed record ReboundProcess(int ExitCode, string Output, string Error)
{
    /// <summary>The program that the build of these tests made.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "rebound.dll");

    public static ReboundProcess Run(params string[] arguments) => Run(arguments, environment: null);

    public static ReboundProcess Run(string[] arguments, IReadOnlyDictionary<string, string>? environment, string? input = null) =>
        Run(new ProcessStartInfo("dotnet", [Program, .. arguments]), arguments, environment, input);

    /// <summary>Runs it where no file may grow beyond a size, as on a disk that is full.</summary>
    public static ReboundProcess RunLimited(int fileKiB, params string[] arguments) => Run(
        new ProcessStartInfo("bash", ["-c", $"trap '' XFSZ; ulimit -f {fileKiB}; exec dotnet \"$@\"", "rebound", Program, .. arguments]),
        arguments,
        new Dictionary<string, string>
        {
            // The runtime keeps code that it writes in a file in memory, which the limit is for, too.
            ["DOTNET_EnableWriteXorExecute"] = "0",
        },
        input: null);

    private static ReboundProcess Run(
        ProcessStartInfo start, string[] arguments, IReadOnlyDictionary<string, string>? environment, string? input)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var (exitCode, output, error) = FinishedProcess.Of(start, $"rebound {string.Join(' ', arguments)}", input ?? "");
        return new ReboundProcess(exitCode, output, error);
    }

    /// <summary>Asserts that it ended well and returns what it printed.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Output}");
        return Output;
    }

    /// <summary>Asserts that it refused its input, in sentences and without a stack trace, and returns what it said.</summary>
    public string Refused()
    {
        Assert.Equal(2, ExitCode);
        Assert.Empty(Output);
        Assert.StartsWith("rebound: ", Error);
        Assert.DoesNotContain("   at ", Error);
        return Error;
    }
}
