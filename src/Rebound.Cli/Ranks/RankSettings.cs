namespace Rebound.Cli.Ranks;

/// <summary>The options about ranks as they were typed; null for what was not.</summary>
internal sealed record RankSettings
{
    /// <summary>Hosts of the run.</summary>
    public int? Nodes { get; init; }

    /// <summary>This host among them.</summary>
    public int? NodeRank { get; init; }

    /// <summary>Ranks of each host.</summary>
    public int? LocalSize { get; init; }

    /// <summary>Where ranks meet.</summary>
    public string? MasterHost { get; init; }

    public int? MasterPort { get; init; }

    /// <summary>Whether anything was typed that asks for several ranks.</summary>
    public bool AsksForRanks => (Nodes ?? NodeRank ?? LocalSize) is not null;
}
