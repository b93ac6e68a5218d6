using Rebound.Models;
using Rebound.Models.Parameters;
using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>The loss of an optimizer step and its gradients, whatever the method.</summary>
/// <param name="objective">Null where all supervised tokens count alike.</param>
/// <param name="packTokens">Tokens of a batch that only goes forward.</param>
internal sealed class StepGradients(LlamaModel model, LearningSet data, Objective? objective, int packTokens)
{
    /// <summary>That of a run's method; the fast way where all tokens count alike.</summary>
    /// <param name="baseline">Null to measure without one.</param>
    public static StepGradients Of(LlamaModel model, LearningSet data, Baseline? baseline, int packTokens) =>
        new(model, data, data.IsPlain ? null : Objective.Of(data, baseline), packTokens);

    /// <summary>Runs forward and backward over all batches of a step.</summary>
    /// <param name="gradients">Accumulated into (+=).</param>
    /// <param name="dropoutSeed">The seed of each batch's dropout; null to drop nothing.</param>
    /// <param name="onBatch">Told after every forward and backward pass how many tokens it read.</param>
    public double Run(
        IReadOnlyList<StepBatch> batches, ParameterSet gradients, StepMetrics metrics, Func<int, ulong>? dropoutSeed = null,
        Action<int>? onBatch = null)
    {
        var (denominator, loss) = (Begin(batches, metrics), 0.0);
        for (var i = 0; i < batches.Count; i++)
        {
            loss += Run(batches[i], gradients, denominator, metrics, dropoutSeed?.Invoke(i));
            onBatch?.Invoke(batches[i].Packed.TokenCount);
        }

        return objective is null ? loss / denominator : loss;
    }

    /// <summary>The denominator of a step's loss.</summary>
    private double Begin(IReadOnlyList<StepBatch> batches, StepMetrics metrics)
    {
        if (objective is null)
        {
            return batches.Sum(batch => batch.Packed.SupervisedRows.Length);
        }

        LearningUnit[] units = [.. batches.SelectMany(batch => batch.Units)];
        objective.Begin(units, documents => DocumentLosses.Of(model, documents, packTokens), metrics);
        return units.Sum(objective.Share);
    }

    /// <summary>Forward and backward over a batch; the loss is undivided where all tokens count alike.</summary>
    private double Run(StepBatch batch, ParameterSet gradients, double denominator, StepMetrics metrics, ulong? dropoutSeed) =>
        objective is null
            ? model.LossAndGradients(batch.Packed, gradients, 1 / (float)denominator, dropoutSeed)
            : model.LossAndGradients(
                batch.Packed, gradients, new BatchObjective(objective, data, batch.Units, denominator, metrics), dropoutSeed);
}
