using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>An objective of single trajectories: the mean of a function of the reward, which rises or falls with the outcome.</summary>
internal abstract class OutcomeObjective(LearningSet data, Baseline baseline) : SequenceObjective(data, baseline)
{
    public override double Share(LearningUnit unit) => Data.Documents[unit.Documents[0]].Weight;

    public override void Weigh(LearningUnit unit, ReadOnlySpan<float> losses, Span<float> weights)
    {
        // The reward falls as the loss rises, and a success's share of the objective with the reward.
        var failed = Failed(unit);
        var value = Sigmoid(Signed(failed, Sum(unit.Documents, losses).Gain));
        var slope = Share(unit) * Scale(failed) * Data.Options.Beta * value * (1 - value);
        weights.Fill((float)(failed ? -slope : slope));
    }

    public override double Loss(LearningUnit unit, ReadOnlySpan<float> losses, StepMetrics metrics)
    {
        var (failed, sum) = (Failed(unit), Sum(unit.Documents, losses));
        Observe(failed ? Rejected : Chosen, sum, metrics);
        return Share(unit) * Scale(failed) * (1 - Sigmoid(Signed(failed, sum.Gain)));
    }

    /// <summary>The reward that the gain over the reference is measured from.</summary>
    protected abstract double Anchor { get; }

    /// <summary>How much a success, or a failure, counts.</summary>
    protected abstract double Scale(bool failed);

    private double Signed(bool failed, double gain)
    {
        var above = (Data.Options.Beta * gain) - Anchor;
        return failed ? -above : above;
    }

    private bool Failed(LearningUnit unit) => Data.Documents[unit.Documents[0]].Failed;
}
