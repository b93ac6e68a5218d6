using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Objectives;

/// <summary>
/// The loss of a method: a sum over units of documents, divided by what all units of a step count together. The formulas are in
/// docs/methods.md.
/// </summary>
internal abstract class Objective(LearningSet data)
{
    protected LearningSet Data => data;

    /// <summary>Whether gradients depend on the losses.</summary>
    public virtual bool ReadsLosses => true;

    /// <param name="baseline">Of a method that compares with one; null to measure with zeros.</param>
    public static Objective Of(LearningSet data, Baseline? baseline)
    {
        var before = data.Baseline == BaselineKind.None ? null : baseline ?? Baseline.Zero(data);
        return data.Method switch
        {
            TrainingMethod.Unlikelihood => new UnlikelihoodObjective(data),
            TrainingMethod.Dft => new DynamicObjective(data),
            TrainingMethod.Dpo => new PreferenceObjective(data, before!),
            TrainingMethod.Kto => new ProspectObjective(data, before!),
            TrainingMethod.ApoZero => new AnchoredObjective(data, before!),
            TrainingMethod.Nft => new NegativeAwareObjective(data, before!),
            TrainingMethod.Grpo => new GroupRelativeObjective(data, before!),
            _ => new LikelihoodObjective(data),
        };
    }

    /// <summary>Adds what a unit counts to the step's denominator.</summary>
    public abstract double Share(LearningUnit unit);

    /// <summary>Prepares for a step, before its first batch.</summary>
    /// <param name="units">Those of the step.</param>
    /// <param name="read">Gives the losses of documents under the model as it is.</param>
    public virtual void Begin(
        IReadOnlyList<LearningUnit> units, Func<IReadOnlyList<TokenizedDocument>, IReadOnlyList<float[]>> read, StepMetrics metrics)
    {
    }

    /// <summary>The derivative of a unit's loss by the loss of each of its tokens, undivided.</summary>
    /// <param name="losses">Of the supervised tokens of the unit's documents, one document after the other.</param>
    /// <param name="weights">The same, =.</param>
    public abstract void Weigh(LearningUnit unit, ReadOnlySpan<float> losses, Span<float> weights);

    /// <summary>The loss of a unit, undivided.</summary>
    /// <inheritdoc cref="Weigh" path="/param"/>
    public abstract double Loss(LearningUnit unit, ReadOnlySpan<float> losses, StepMetrics metrics);
}
