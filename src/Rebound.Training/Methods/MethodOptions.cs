using Rebound.Files.Messages;

namespace Rebound.Training.Methods;

/// <summary>The numbers that training methods have; each method reads its own, and the others do not matter.</summary>
public sealed record MethodOptions
{
    /// <summary>Of <c>weighted</c>: how much a failure counts beside a success. Default as OpenChat has it (arXiv 2309.11235).</summary>
    public double NegativeWeight { get; init; } = 0.1;

    /// <summary>Of <c>unlikelihood</c>: α, how much a failure counts beside a success.</summary>
    public double UnlikelihoodWeight { get; init; } = 1;

    /// <summary>Of <c>dpo</c>, <c>kto</c> and <c>apo-zero</c>: β, how fast the reward grows with the distance from the reference.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>Of <c>kto</c>: how much a success counts.</summary>
    public double DesirableWeight { get; init; } = 1;

    /// <summary>Of <c>kto</c>: how much a failure counts.</summary>
    public double UndesirableWeight { get; init; } = 1;

    /// <summary>
    /// Of <c>kto</c>: the share of a step's documents whose mismatched answers measure the distance from the reference; at least four of
    /// them do.
    /// </summary>
    public double DivergenceShare { get; init; } = 0.25;

    /// <summary>Of <c>dpo</c>: how much of a success and a failure is compared.</summary>
    public PairScope Pairs { get; init; }

    /// <summary>
    /// Of <c>nft</c>: the least ratio of the implicit negative policy, below which it is taken for this (arXiv 2505.18116).
    /// </summary>
    public double NftEpsilon { get; init; } = 1;

    /// <summary>Of <c>grpo</c>: how far the ratio of probabilities may move before it is clipped.</summary>
    public double ClipRange { get; init; } = 0.2;

    /// <summary>All that is wrong with the numbers; empty where they can be trained with.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .AtLeast(nameof(NegativeWeight), NegativeWeight, 0)
        .AtLeast(nameof(UnlikelihoodWeight), UnlikelihoodWeight, 0)
        .Require(Beta > 0 && double.IsFinite(Beta), nameof(Beta), Beta, "a number above 0")
        .AtLeast(nameof(DesirableWeight), DesirableWeight, 0)
        .AtLeast(nameof(UndesirableWeight), UndesirableWeight, 0)
        .Require(DivergenceShare is > 0 and <= 1, nameof(DivergenceShare), DivergenceShare, "above 0 and at most 1")
        .Require(NftEpsilon > 0 && double.IsFinite(NftEpsilon), nameof(NftEpsilon), NftEpsilon, "a number above 0")
        .Require(ClipRange > 0 && double.IsFinite(ClipRange), nameof(ClipRange), ClipRange, "a number above 0")
        .Problems;
}

/// <summary>How much of a success and a failure a pair compares.</summary>
public enum PairScope
{
    /// <summary>The agent's tokens of all turns. What both begin with cancels out.</summary>
    Trajectory,

    /// <summary>The first turn that differs alone; what came before it is context, and what came after it is not learned.</summary>
    Step,
}
