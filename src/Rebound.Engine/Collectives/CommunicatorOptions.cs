namespace Rebound.Engine.Collectives;

/// <summary>The times that ranks wait for each other.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>The time within which all ranks have to come to their meeting place at the start.</summary>
    public TimeSpan RendezvousTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The silence after which a process is taken to hang, or its network to have failed.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest that a rank waits in a collective for another that is alive but does not come to it.</summary>
    public TimeSpan CollectiveTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Bytes of a tensor that ranks pass to each other at a time.</summary>
    internal int ChunkBytes { get; init; } = 4 << 20;

    /// <summary>False where ranks are to use their connections for tensors even if they could share memory.</summary>
    internal bool SharesMemory { get; init; } = true;
}
