namespace Rebound.Cli.Ranks;

/// <summary>A process among ranks that were all started by their launcher.</summary>
/// <param name="LocalSize">Ranks of its host; null where the launcher does not say.</param>
internal sealed record LaunchedRank(int Rank, int Size, int LocalRank, int? LocalSize);

/// <summary>A launcher's word, as far as it has one.</summary>
/// <param name="Family">The launcher, for people.</param>
internal sealed record Launch(string Family)
{
    /// <summary>Where it started every rank; null where it started one process a host.</summary>
    public LaunchedRank? Ranks { get; init; }

    public int? Nodes { get; init; }

    public int? NodeRank { get; init; }

    /// <summary>Ranks that each host's process is to start; null for one a GPU.</summary>
    public int? LocalSize { get; init; }

    public string? MasterHost { get; init; }

    public int? MasterPort { get; init; }

    /// <summary>Who gave the place where ranks meet.</summary>
    public string MasterOrigin { get; init; } = "";

    public string Job { get; init; } = "";

    /// <summary>Whether it counts for nothing unless an option says how many hosts there are.</summary>
    public bool NeedsNodes { get; init; }
}
