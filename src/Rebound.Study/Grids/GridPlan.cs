namespace Rebound.Study.Grids;

/// <summary>A study: trainings, each examined on the same tasks.</summary>
/// <param name="Points">In the order in which they are shown.</param>
public sealed record GridPlan(IReadOnlyList<GridPoint> Points, IReadOnlyList<GridTask> Tasks)
{
    /// <summary>Null to measure no likelihoods.</summary>
    public HeldOutPairs? HeldOut { get; init; }

    /// <summary>Whether weights stay when a model has been examined; metrics, agent cards and episodes do.</summary>
    public bool KeepsModels { get; init; }

    /// <summary>How it was set up, for the report: names and values.</summary>
    public IReadOnlyList<(string Name, string Value)> About { get; init; } = [];

    /// <summary>The trainings, each once, seed by seed, so that a part of a study is whole seeds.</summary>
    public IReadOnlyList<GridCell> Cells => [.. Points.OrderBy(point => point.Seed).Select(point => point.Cell).Distinct()];
}
