namespace Rebound.Engine.Collectives;

/// <summary>This process among the ranks of a run, and where they meet.</summary>
public sealed record RankMembership
{
    /// <summary>0 to <see cref="Size"/> − 1.</summary>
    public required int Rank { get; init; }

    /// <summary>Number of ranks.</summary>
    public required int Size { get; init; }

    /// <summary>Its number among the ranks of its host: number 0 of the host that <see cref="Host"/> names listens there.</summary>
    public int LocalRank { get; init; }

    /// <summary>Name or address of the host where ranks meet.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port there; where it is taken by something else, the next <see cref="Rendezvous.Ports"/> − 1 are tried, too.</summary>
    public int Port { get; init; } = 29500;

    /// <summary>Who gave host and port, for messages, for example <c>MASTER_ADDR and MASTER_PORT</c>.</summary>
    public string Origin { get; init; } = "the defaults";

    /// <summary>Names the run among those that may meet at the same place: ranks of other jobs are not let in.</summary>
    public string Job { get; init; } = "";

    /// <summary>The device that this rank is to compute on, as nothing else of its host is named; empty where ranks may share it.</summary>
    public string ComputeDevice { get; init; } = "";

    /// <summary>
    /// By name, everything that has to be the same on all ranks, for example <c>--learning-rate</c> or a file's checksum. Values are
    /// shown where they differ.
    /// </summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Why this rank cannot begin, as a sentence: it comes to tell the others, none of whom begins then. Empty where it can.
    /// </summary>
    public string Problem { get; init; } = "";

    /// <summary>Opened before, where others have been told its port; null to open one.</summary>
    public RankListener? Listener { get; init; }
}
