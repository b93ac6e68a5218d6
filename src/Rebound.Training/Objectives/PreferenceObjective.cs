using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// Direct preference optimization (Rafailov et al. 2023, arXiv 2305.18290), summed over the answers of whole trajectories (Song et al.
/// 2024, arXiv 2403.02502): the mean over pairs of −log σ(r_success − r_failure). A pair weighs the product of its rows' weights.
/// </summary>
internal sealed class PreferenceObjective(LearningSet data, Baseline baseline) : SequenceObjective(data, baseline)
{
    public override double Share(LearningUnit unit) =>
        Data.Documents[unit.Documents[0]].Weight * Data.Documents[unit.Documents[^1]].Weight;

    public override void Weigh(LearningUnit unit, ReadOnlySpan<float> losses, Span<float> weights)
    {
        var chosen = ChosenTokens(unit);
        var (success, failure) = Sides(unit, losses);
        var slope = (float)(Share(unit) * Data.Options.Beta * Sigmoid(-Margin(success.Gain, failure.Gain)));
        weights[..chosen].Fill(slope);
        weights[chosen..].Fill(-slope);
    }

    public override double Loss(LearningUnit unit, ReadOnlySpan<float> losses, StepMetrics metrics)
    {
        var (success, failure) = Sides(unit, losses);
        var margin = Margin(success.Gain, failure.Gain);
        Observe(Chosen, success, metrics);
        Observe(Rejected, failure, metrics);
        metrics.Add("rewards/margins", margin);
        metrics.Add("rewards/accuracies", margin > 0 ? 1 : 0);
        return Share(unit) * (Math.Max(-margin, 0) + Math.Log(1 + Math.Exp(-Math.Abs(margin))));
    }

    private double Margin(double success, double failure) => Data.Options.Beta * (success - failure);

    private ((double Loss, double Gain) Success, (double Loss, double Gain) Failure) Sides(LearningUnit unit, ReadOnlySpan<float> losses)
    {
        var chosen = ChosenTokens(unit);
        return (
            Sum(unit.Documents.AsSpan(0, unit.Preferred), losses[..chosen]),
            Sum(unit.Documents.AsSpan(unit.Preferred), losses[chosen..]));
    }

    private int ChosenTokens(LearningUnit unit) => unit.Documents.Take(unit.Preferred).Sum(index => Data.Documents[index].SupervisedTokens);
}
