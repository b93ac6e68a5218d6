namespace Rebound.Trajectories.Browsing;

/// <summary>The result of a query.</summary>
/// <param name="Rows">In the order that was asked for.</param>
/// <param name="All">Rows that were looked at.</param>
/// <param name="Outcomes">How many rows of all have each outcome, as <paramref name="Causes"/> and <paramref name="Tasks"/>.</param>
public sealed record TrajectoryMatches(
    IReadOnlyList<FoundTrajectory> Rows,
    int All,
    IReadOnlyDictionary<string, int> Outcomes,
    IReadOnlyDictionary<string, int> Causes,
    IReadOnlyDictionary<string, int> Tasks);
