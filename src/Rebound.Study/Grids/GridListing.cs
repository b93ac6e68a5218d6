using Rebound.Study.Results;

namespace Rebound.Study.Grids;

/// <summary>The trainings and results that belong to a study, as its folder keeps it.</summary>
/// <param name="Likelihoods">The name of their results; null for none.</param>
/// <param name="About">[name, value] pairs.</param>
internal sealed record GridListing(
    IReadOnlyList<GridListing.Point> Points, IReadOnlyList<GridListing.TaskResult> Tasks, string? Likelihoods,
    IReadOnlyList<IReadOnlyList<string>> About)
{
    /// <param name="Cell">The training's folder.</param>
    public sealed record Point(Arm Arm, long Seed, string Cell);

    /// <param name="Result">The task's name with the fingerprint of its settings.</param>
    public sealed record TaskResult(string Name, string Result, bool IsOutOfDistribution);
}
