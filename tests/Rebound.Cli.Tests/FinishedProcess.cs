using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>A process that has ended, and what it printed. One that does not end is ended, and its test fails with what it said.</summary>
internal sealed record FinishedProcess(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>How long the output of a process that has ended may stay open.</summary>
    private static readonly TimeSpan PipeLimit = TimeSpan.FromSeconds(30);

    /// <param name="name">The process in a message.</param>
    /// <param name="input">What it reads from standard input.</param>
    public static FinishedProcess Of(ProcessStartInfo start, string name, string input = "")
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var ended = process.WaitForExit(Limit);
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
        }

        var closed = Task.WaitAll([output, error], PipeLimit);
        Assert.True(ended, $"{name} did not end within {Limit.TotalMinutes} minutes{(closed ? $": {error.Result}{output.Result}" : ".")}");
        Assert.True(closed, $"{name} ended, and a process that it started holds its output open.");
        return new FinishedProcess(process.ExitCode, output.Result, error.Result);
    }
}
