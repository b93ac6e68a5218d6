using Rebound.Engine.Collectives;

namespace Rebound.Cli.Ranks;

/// <summary>This process among those of a run, as a launcher's variables and options have it.</summary>
internal sealed record RankPlan
{
    /// <summary>Who said so, for people, for example <c>torchrun</c> or <c>Slurm, step 12.0</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Hosts of the run.</summary>
    public required int Nodes { get; init; }

    /// <summary>This host: 0 to <see cref="Nodes"/> − 1.</summary>
    public required int NodeRank { get; init; }

    /// <summary>Ranks of this host.</summary>
    public required int LocalSize { get; init; }

    /// <summary>This process among the ranks of its host.</summary>
    public required int LocalRank { get; init; }

    /// <summary>This process among all.</summary>
    public required int Rank { get; init; }

    /// <summary>Ranks of the run.</summary>
    public required int Size { get; init; }

    /// <summary>Whether the launcher started one process a host, which starts the other ranks of its host itself.</summary>
    public bool StartsLocalRanks { get; init; }

    /// <summary>Where ranks meet.</summary>
    public string MasterHost { get; init; } = LocalHost;

    /// <summary>The port there; null for any that is free, where this process starts all other ranks.</summary>
    public int? MasterPort { get; init; }

    /// <summary>Who gave the place.</summary>
    public string MasterOrigin { get; init; } = "";

    /// <summary>Names the run among others that may meet at the same place.</summary>
    public string Job { get; init; } = "";

    public const string LocalHost = "127.0.0.1";

    /// <summary>One process, and nothing that says otherwise.</summary>
    public static RankPlan Single { get; } = new()
    {
        Family = "",
        Nodes = 1,
        NodeRank = 0,
        LocalSize = 1,
        LocalRank = 0,
        Rank = 0,
        Size = 1,
    };

    /// <summary>Whether there are others.</summary>
    public bool IsSeveral => Size > 1;

    /// <summary>One line for people.</summary>
    public string Summary => this switch
    {
        { Family: "" } => "one process, since no launcher's variables are set",
        { Size: 1 } => $"one process ({Family})",
        _ => $"{Size} ranks ({Family}){Spread}{Place}; this is rank {Rank}",
    };

    private string Spread => Nodes > 1 ? $" on {Nodes} hosts, {LocalSize} here" : "";

    private string Place => MasterPort is { } port ? $"; they meet at {MasterHost}:{port} ({MasterOrigin})" : "";

    /// <summary>As the engine joins ranks.</summary>
    public RankMembership Membership() => new()
    {
        Rank = Rank,
        Size = Size,
        LocalRank = LocalRank,
        Host = MasterHost,
        Port = MasterPort ?? 0,
        Origin = MasterOrigin,
        Job = Job,
    };
}
