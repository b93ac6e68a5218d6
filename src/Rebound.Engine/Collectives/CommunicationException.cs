namespace Rebound.Engine.Collectives;

/// <summary>Ranks cannot go on together: one of them failed, ended, or was not to be reached.</summary>
public sealed class CommunicationException : Exception
{
    /// <param name="rank">The rank that is the cause.</param>
    /// <param name="cause">A sentence's end, without a full stop, for example <c>closed its connection</c>.</param>
    public CommunicationException(int rank, string cause)
        : base($"Rank {rank} {cause.TrimEnd('.')}.")
    {
        Rank = rank;
        Cause = cause;
    }

    /// <summary>The rank that is the cause.</summary>
    public int Rank { get; }

    /// <summary>For people, as the end of a sentence that begins with the rank.</summary>
    public string Cause { get; }
}
