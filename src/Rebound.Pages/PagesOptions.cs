namespace Rebound.Pages;

/// <summary>The contents of the pages.</summary>
public sealed record PagesOptions
{
    /// <summary>Files and folders of trajectories.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>A file of questions by id, for trajectories that begin with answers; null for none.</summary>
    public string? Questions { get; init; }

    /// <summary>Folders of runs.</summary>
    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>The folder, which is there, that judged answers are saved in; null to save none.</summary>
    public string? SaveFolder { get; init; }
}
