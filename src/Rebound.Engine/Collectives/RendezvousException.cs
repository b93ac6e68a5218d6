namespace Rebound.Engine.Collectives;

/// <summary>Ranks did not come together: some did not come, or they are not of one run.</summary>
/// <param name="message">A sentence that says what differs, between which ranks, and what to do.</param>
public sealed class RendezvousException(string message) : Exception(message)
{
    /// <summary>Whether rank 0 was told the same, so that others need not say it.</summary>
    public bool IsTold { get; init; }
}
