namespace Rebound.Trajectories.Selection;

/// <summary>A training method: which trajectories are learned from, and how (Wang et al. 2024, arXiv 2402.11651).</summary>
public enum TrainingMethod
{
    /// <summary>Successes only, without a condition.</summary>
    Vanilla,

    /// <summary>Negative-unaware training: successes and failures alike, without a condition.</summary>
    Nut,

    /// <summary>Negative-aware training: successes and failures, each under the condition of its outcome.</summary>
    Nat,
}

/// <summary>Names of methods.</summary>
public static class TrainingMethodNames
{
    /// <summary>The method as options, agent cards and reports name it.</summary>
    public static string Name(this TrainingMethod method) => method.ToString().ToLowerInvariant();
}
