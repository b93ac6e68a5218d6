namespace Rebound.Gateway.Keeping;

/// <summary>The trajectories that a folder holds.</summary>
/// <param name="WithoutOutcome">Those without an outcome, by reason.</param>
public sealed record KeptCounts(int Successes, int Failures, IReadOnlyDictionary<string, int> WithoutOutcome)
{
    public int Trajectories => Successes + Failures + WithoutOutcome.Values.Sum();
}
