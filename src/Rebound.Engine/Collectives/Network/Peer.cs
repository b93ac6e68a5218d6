namespace Rebound.Engine.Collectives.Network;

/// <summary>Another rank that this one is connected to, as <see cref="RankNetwork"/> keeps it.</summary>
internal sealed class Peer(int rank, PeerConnection connection)
{
    public int Rank => rank;

    public PeerConnection Connection => connection;

    /// <summary>Messages and data that nobody has taken yet.</summary>
    public Queue<Frame> Inbox { get; } = [];

    /// <summary>Whether it has said farewell.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Signs of life that were due since it was last heard.</summary>
    public int Missed { get; set; }
}
