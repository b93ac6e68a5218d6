using Rebound.Cli.Terminal;

namespace Rebound.Cli.Ranks;

/// <summary>
/// The end of a rank's standard input on which the rank that started it speaks: it asks to stop, and when it is gone, however it ended,
/// there is nobody to compute for.
/// </summary>
internal static class ParentWatch
{
    /// <summary>The line that asks to stop.</summary>
    public const string Stop = "stop";

    /// <summary>Begins in a process that another rank started, and does nothing in others.</summary>
    public static void Begin(Interruption interruption)
    {
        if (Environment.GetEnvironmentVariable(RankProgram.Variable) is not { Length: > 0 })
        {
            return;
        }

        // Ctrl-C in a terminal reaches all processes: of these, the parent asks the others to stop.
        interruption.Take(() => { });
        var parent = new StreamReader(StandardStreams.OpenInput());
        new Thread(() => Listen(parent, interruption)) { IsBackground = true, Name = "rebound parent" }.Start();
    }

    private static void Listen(StreamReader parent, Interruption interruption)
    {
        while (parent.ReadLine() is { } line)
        {
            if (line == Stop)
            {
                interruption.Stop();
            }
        }

        Environment.Exit(ExitCode.Failed);
    }
}
