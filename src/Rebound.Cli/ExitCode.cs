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

    /// <summary>Ended by Ctrl-C (128 + SIGINT, as shells have it).</summary>
    public const int Interrupted = 130;
}
