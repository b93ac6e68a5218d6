using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>
/// Runs the command line from a shell, for what only a shell does: redirections, pipes, other users, signals that are ignored.
/// </summary>
internal sealed record ShellRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="script">Of bash; <c>$rebound</c> is the program, and <c>$1</c>, <c>$2</c> … are the arguments.</param>
    public static ShellRun Of(string script, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here.");
        var start = new ProcessStartInfo("/bin/bash", ["-c", $"rebound='dotnet {ReboundProcess.Program}'; {script}", "bash", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{script} did not end.");
        }

        return new ShellRun(process.ExitCode, output.Result, error.Result);
    }
}
