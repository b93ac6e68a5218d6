namespace Rebound.Fuzz.Judging;

/// <summary>What an input may not do.</summary>
internal enum Fault
{
    /// <summary>It ended the process: an overflow of the stack, an access violation.</summary>
    Crash,

    /// <summary>It was not read in time.</summary>
    Hang,

    /// <summary>Reading it took too much memory.</summary>
    Memory,

    /// <summary>An exception that the command line calls a fault of its own.</summary>
    Unexpected,

    /// <summary>An exception whose message is no clear sentence.</summary>
    Words,

    /// <summary>A valid input was refused.</summary>
    RefusedSeed,
}

/// <summary>An input that did what none may do.</summary>
/// <param name="Index">Its number, from which <see cref="FuzzReader.Input"/> makes it again.</param>
/// <param name="Place">What tells one fault from another: the exception and where in Rebound it came from.</param>
internal sealed record Finding(string Reader, long Index, Fault Fault, string Place, string Detail)
{
    public override string ToString() => $"{Reader} {Index}: {Fault}: {Place}: {Detail}";
}
