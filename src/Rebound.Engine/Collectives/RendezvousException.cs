namespace Rebound.Engine.Collectives;

/// <summary>
/// Ranks did not come together: some did not come, or they are not of one run. Every rank that came gets the same sentence.
/// </summary>
/// <param name="message">A sentence that says what differs, between which ranks, and what to do.</param>
public sealed class RendezvousException(string message) : Exception(message);
