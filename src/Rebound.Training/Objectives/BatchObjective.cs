using Rebound.Models;
using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>A method's objective over the units of one batch.</summary>
/// <param name="units">In the order in which the batch has their documents.</param>
/// <param name="denominator">What all units of the step count.</param>
internal sealed class BatchObjective(
    Objective objective, LearningSet data, IReadOnlyList<LearningUnit> units, double denominator, StepMetrics metrics) : IRowObjective
{
    public bool ReadsLosses => objective.ReadsLosses;

    public void Weigh(ReadOnlySpan<float> losses, Span<float> weights)
    {
        var first = 0;
        foreach (var unit in units)
        {
            var count = TokensOf(unit);
            objective.Weigh(unit, losses.IsEmpty ? losses : losses.Slice(first, count), weights.Slice(first, count));
            first += count;
        }

        var scale = (float)(1 / denominator);
        foreach (ref var weight in weights)
        {
            weight *= scale;
        }
    }

    public double Loss(ReadOnlySpan<float> losses)
    {
        var (sum, first) = (0.0, 0);
        foreach (var unit in units)
        {
            var count = TokensOf(unit);
            sum += objective.Loss(unit, losses.Slice(first, count), metrics);
            first += count;
        }

        return sum / denominator;
    }

    private int TokensOf(LearningUnit unit) => unit.Documents.Sum(index => data.Documents[index].SupervisedTokens);
}
