using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Models.Parameters;
using Rebound.Training.Methods;
using Rebound.Training.Ranks;

namespace Rebound.Training.Objectives;

/// <summary>The loss of an optimizer step and its gradients, whatever the method.</summary>
/// <param name="objective">Null where all supervised tokens count alike.</param>
/// <param name="packTokens">Tokens of a batch that only goes forward.</param>
/// <param name="ranks">Those that share the step; null for the only one.</param>
/// <param name="schedule">Theirs, which the model follows.</param>
internal sealed class StepGradients(
    LlamaModel model, LearningSet data, Objective? objective, int packTokens, Communicator? ranks, ZeroSchedule? schedule)
{
    /// <summary>That of a run's method; the fast way where all tokens count alike.</summary>
    /// <param name="baseline">Null to measure without one.</param>
    /// <param name="ranks">Those that share the step; null for the only one.</param>
    /// <param name="schedule">Theirs, which the model follows.</param>
    public static StepGradients Of(
        LlamaModel model, LearningSet data, Baseline? baseline, int packTokens, Communicator? ranks = null,
        ZeroSchedule? schedule = null) =>
        new(model, data, data.IsPlain ? null : Objective.Of(data, baseline), packTokens, ranks, schedule);

    /// <summary>Runs forward and backward over all batches of a step of one rank.</summary>
    /// <param name="gradients">Accumulated into (+=).</param>
    public double Run(IReadOnlyList<StepBatch> batches, ParameterSet gradients, StepMetrics metrics) =>
        Run(OptimizerStep.Of(batches), gradients, metrics);

    /// <summary>Runs forward and backward over this rank's batches of a step.</summary>
    /// <param name="gradients">Accumulated into (+=); with several ranks their own part has the sum over all afterwards.</param>
    /// <param name="metrics">Of all ranks afterwards.</param>
    /// <param name="dropoutSeed">The seed of each batch's dropout, by its place among those of all ranks; null to drop nothing.</param>
    /// <param name="onBatch">Told after every forward and backward pass how many tokens all ranks read in it.</param>
    /// <returns>The loss over all ranks.</returns>
    public double Run(
        OptimizerStep step, ParameterSet gradients, StepMetrics metrics, Func<int, ulong>? dropoutSeed = null, Action<int>? onBatch = null)
    {
        var (denominator, loss) = (Begin(step, metrics), 0.0);
        for (var pass = 0; pass < step.Passes.Count; pass++)
        {
            if (schedule is not null)
            {
                schedule.IsLastPass = pass == step.Passes.Count - 1;
            }

            if (pass < step.Batches.Count)
            {
                var seed = dropoutSeed?.Invoke(ranks is null ? pass : (pass * ranks.Size) + ranks.Rank);
                loss += Run(step.Batches[pass], gradients, denominator, metrics, seed);
            }
            else
            {
                model.PassOver(backward: true);
            }

            onBatch?.Invoke(step.Passes[pass]);
        }

        schedule?.EndPasses();
        if (ranks is not null)
        {
            loss = ranks.Sum(loss);
            metrics.Join(ranks);
        }

        return objective is null ? loss / denominator : loss;
    }

    /// <summary>The denominator of a step's loss, over the units of all ranks.</summary>
    private double Begin(OptimizerStep step, StepMetrics metrics)
    {
        if (objective is null)
        {
            return step.SupervisedTokens;
        }

        objective.Begin(step.Units, documents => SharedReading.Of(model, documents, packTokens, ranks), metrics);
        return step.Units.Sum(objective.Share);
    }

    /// <summary>Forward and backward over a batch; the loss is undivided where all tokens count alike.</summary>
    private double Run(StepBatch batch, ParameterSet gradients, double denominator, StepMetrics metrics, ulong? dropoutSeed) =>
        objective is null
            ? model.LossAndGradients(batch.Packed, gradients, 1 / (float)denominator, dropoutSeed)
            : model.LossAndGradients(
                batch.Packed, gradients, new BatchObjective(objective, data, batch.Units, denominator, metrics), dropoutSeed);
}
