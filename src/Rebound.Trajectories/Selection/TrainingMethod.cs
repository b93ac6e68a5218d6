namespace Rebound.Trajectories.Selection;

/// <summary>What is learned of which trajectories (Wang et al. 2024, arXiv 2402.11651).</summary>
public enum TrainingMethod
{
    /// <summary>Successes only, without a condition.</summary>
    Vanilla,

    /// <summary>Negative-unaware training: successes and failures alike, without a condition.</summary>
    Nut,

    /// <summary>Negative-aware training: successes and failures, each under the condition of its outcome.</summary>
    Nat,
}
