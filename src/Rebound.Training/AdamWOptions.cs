using Rebound.Engine;
using Rebound.Files.Messages;

namespace Rebound.Training;

/// <summary>Settings of AdamW that stay the same over a run.</summary>
public sealed record AdamWOptions
{
    /// <summary>A moment that decays slower is divided by nearly zero in the first steps.</summary>
    private const float MostDecay = 0.999999f;

    private const float LeastEpsilon = 1e-30f;

    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.999f;

    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled weight decay of matrices; norms and biases have none.</summary>
    public float WeightDecay { get; init; }

    /// <summary>
    /// Element type of the moments: fp32, or on a GPU bf16, rounded stochastically, which halves the optimizer's memory.
    /// </summary>
    public DType MomentType { get; init; } = DType.Float32;

    /// <summary>Gradients whose norm is above are scaled down to it; infinity for no clipping.</summary>
    public float MaxGradientNorm { get; init; } = float.PositiveInfinity;

    /// <summary>All that is wrong with the options; empty where they can be trained with.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .Within(nameof(Beta1), Beta1, 0, MostDecay)
        .Within(nameof(Beta2), Beta2, 0, MostDecay)
        .Within(nameof(Epsilon), Epsilon, LeastEpsilon, 1)
        .AtLeast(nameof(WeightDecay), WeightDecay, 0)
        .Require(MaxGradientNorm > 0, nameof(MaxGradientNorm), MaxGradientNorm, "above 0, or infinity for no clipping")
        .Problems;
}
