namespace Rebound.Pages;

/// <summary>The contents of the pages.</summary>
public sealed record PagesOptions
{
    /// <summary>Files and folders of trajectories.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Folders of runs.</summary>
    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>The folder, which is there, that judged answers are saved in; null to save none.</summary>
    public string? SaveFolder { get; init; }
}
