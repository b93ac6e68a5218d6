using System.Runtime.InteropServices;

namespace Rebound.Cli;

/// <summary>Exit codes, the same for every command.</summary>
internal static class ExitCode
{
    /// <summary>Done, and every check passed.</summary>
    public const int Done = 0;

    /// <summary>The run failed, or a check did.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or wrong input: something the caller can mend.</summary>
    public const int WrongInput = 2;

    /// <summary>Stopped when it was asked to (128 + SIGINT, as shells have it).</summary>
    public const int Interrupted = 130;

    /// <summary>Codes above it are of processes that a signal ended: its number is added.</summary>
    public const int OfSignals = 128;

    /// <summary>Nobody read the results any more (128 + SIGPIPE).</summary>
    public const int ReaderLeft = 141;

    /// <summary>Ended by a signal, as shells have it: 128 and its number.</summary>
    public static int Of(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 129,
        PosixSignal.SIGTERM => 143,
        _ when (int)signal > 0 => OfSignals + (int)signal,
        _ => Interrupted,
    };
}
