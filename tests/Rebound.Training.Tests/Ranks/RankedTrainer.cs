using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training.Methods;
using Rebound.Training.Ranks;

namespace Rebound.Training.Tests.Ranks;

/// <summary>Trainers on ranks that are threads.</summary>
internal static class RankedTrainer
{
    /// <summary>The relative error of fp32 sums of up to a few thousand terms in another order, and of what a few updates make of it.</summary>
    public const double Tolerance = 1000.0 / (1 << 24);

    /// <summary>Runs steps on a number of ranks; 1 without a communicator.</summary>
    public static Outcome Run(int ranks, LearningSet data, TrainingOptions options, LoraSettings? lora = null, Work? work = null,
        LlamaConfig? config = null)
    {
        work ??= (trainer, _) => [.. trainer.Run()];
        options = options with { Ranks = ranks };
        var (steps, weights) = (new StepReport[ranks][], new float[ranks][]);
        if (ranks == 1)
        {
            RunOne(null);
        }
        else
        {
            ThreadCommunicator.Run(ranks, RunOne);
        }

        return new Outcome(steps, weights);

        void RunOne(Communicator? communicator)
        {
            var rank = communicator?.Rank ?? 0;
            var part = new ParameterPart(rank, ranks);
            using var backend = new CpuBackend(1);
            using var model = LlamaModel.Initialize(
                backend, config ?? TestDocuments.Config, seed: 7, lora is null ? part : null,
                lora is null ? options.WeightStorage : ParameterStorage.Whole);
            if (lora is not null)
            {
                model.Attach(LoraAdapter.Initialize(backend, TestDocuments.Config, lora, seed: 3, part));
            }

            using var trainer = new Trainer(model, new TrainingPlan(data, options, rank), options, TimeProvider.System, communicator);
            steps[rank] = work(trainer, model);
            weights[rank] = Values(model.Trainable, communicator);
        }
    }

    /// <summary>What is done with a rank's trainer.</summary>
    public delegate StepReport[] Work(Trainer trainer, LlamaModel model);

    /// <summary>Compares losses, norms and what was counted.</summary>
    public static void AssertAlike(StepReport[] expected, StepReport[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (first, second) in expected.Zip(actual))
        {
            Assert.Equal(
                (first.Step, first.Epoch, first.LearningRate, first.Documents, first.Tokens, first.SupervisedTokens),
                (second.Step, second.Epoch, second.LearningRate, second.Documents, second.Tokens, second.SupervisedTokens));
            Assert.Equal(first.Loss, second.Loss, Math.Abs(first.Loss) * Tolerance);
            Assert.Equal(first.GradientNorm, second.GradientNorm, first.GradientNorm * Tolerance);
            Assert.Equal(first.Metrics.Keys, second.Metrics.Keys);
            Assert.All(first.Metrics, metric =>
                Assert.Equal(metric.Value, second.Metrics[metric.Key], Math.Max(1, Math.Abs(metric.Value)) * Tolerance));
        }
    }

    /// <summary>The largest difference of weights, by their largest value.</summary>
    public static double Difference(float[] expected, float[] actual) =>
        expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second)) / expected.Max(Math.Abs);

    private static float[] Values(ParameterSet set, Communicator? communicator)
    {
        if (set.IsReadable)
        {
            return Values(set.Table, set);
        }

        using var gathered = new GatheredParameters(communicator!, set);
        if (communicator!.Rank > 0)
        {
            gathered.Serve();
            return [];
        }

        var values = Values(set.Table, gathered);
        gathered.End();
        return values;
    }

    private static float[] Values(ParameterTable table, ITensorSource source) =>
    [
        .. table.Slices.SelectMany(slice =>
        {
            var values = new float[slice.Shape.Count];
            source.Read(slice.Name, values);
            return values;
        }),
    ];

    /// <param name="Steps">For each rank its reports.</param>
    /// <param name="Weights">For each rank all trained weights at the end.</param>
    public sealed record Outcome(StepReport[][] Steps, float[][] Weights);
}
