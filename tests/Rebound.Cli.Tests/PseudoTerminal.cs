using System.Diagnostics;
using System.Text;

namespace Rebound.Cli.Tests;

/// <summary>Runs a command at a terminal, as <c>script</c> of util-linux makes one, and keeps all bytes that the terminal gets.</summary>
internal static class PseudoTerminal
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>What a terminal of this width is shown.</summary>
    public static string Run(int width, params string[] arguments) => Run(width, typed: [], arguments);

    /// <param name="typed">What a person types, each when the words before it have appeared.</param>
    public static string Run(int width, (string After, string Keys)[] typed, string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(ReboundProcess.Program).Prepend("dotnet").Select(Quoted));
        var start = new ProcessStartInfo("script", ["-q", "-e", "-c", $"stty cols {width} rows 40; {command}", "/dev/null"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        using var process = Start(start);
        var (shown, piece, seen, next) = (new StringBuilder(), new char[1024], 0, 0);
        using var limit = new Timer(_ => process.Kill(entireProcessTree: true), null, Limit, Timeout.InfiniteTimeSpan);
        while (process.StandardOutput.Read(piece) is > 0 and var count)
        {
            shown.Append(piece, 0, count);
            while (next < typed.Length
                && shown.ToString(seen, shown.Length - seen).IndexOf(typed[next].After, StringComparison.Ordinal) is var at and >= 0)
            {
                // What is waited for next may have come with it.
                seen += at + typed[next].After.Length;
                process.StandardInput.Write(typed[next++].Keys);
                process.StandardInput.Flush();
            }
        }

        Assert.True(process.WaitForExit(Limit), $"It closed the terminal and did not end: {shown}");
        Assert.True(next == typed.Length, $"'{typed.ElementAtOrDefault(next).After}' was waited for in vain: {shown}");
        return shown.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    private static Process Start(ProcessStartInfo start)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A pseudo-terminal is made by script of util-linux.");
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no script of util-linux here.");
            throw;
        }
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
