using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>
/// Runs the command line from a shell, for what only a shell does: redirections, pipes, other users, signals that are ignored.
/// </summary>
internal sealed record ShellRun(int ExitCode, string Output, string Error)
{
    /// <param name="script">Of bash; <c>$rebound</c> is the program, and <c>$1</c>, <c>$2</c> … are the arguments.</param>
    public static ShellRun Of(string script, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here.");
        var (exitCode, output, error) = FinishedProcess.Of(
            new ProcessStartInfo(
                "/bin/bash", ["-c", $"rebound='dotnet {ReboundProcess.Program}'; {script}", "bash", .. arguments]), script);
        return new ShellRun(exitCode, output, error);
    }
}
