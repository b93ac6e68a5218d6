using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>Runs the built command line as a process, as a person or a script does, and keeps what it said.</summary>
internal sealed record ReboundProcess(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>The program that the build of these tests made.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "rebound.dll");

    public static ReboundProcess Run(params string[] arguments) => Run(arguments, environment: null);

    public static ReboundProcess Run(string[] arguments, IReadOnlyDictionary<string, string>? environment, string? input = null)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            Assert.Fail($"rebound {string.Join(' ', arguments)} did not end within {Limit.TotalMinutes} minutes.");
        }

        return new ReboundProcess(process.ExitCode, output.Result, error.Result);
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
