using Rebound.Engine;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Tests;

public sealed class TrainerTests
{
    // fp32 sums of up to a few thousand terms, in another order: a few hundred roundings of 2^-24.
    private const double Tolerance = 300.0 / (1 << 24);

    [Fact]
    public void However_a_step_is_cut_its_loss_and_gradient_norm_are_those_of_one_big_batch()
    {
        var documents = TestDocuments.Random(24, 5);
        var options = new TrainingOptions { BatchSize = 24, AccumulationSteps = 1, MaxSteps = 3, PackTokens = 4096, LearningRate = 1e-3 };
        var whole = Run(documents, options);
        var packed = Run(documents, options with { PackTokens = 64 });
        var apart = Run(documents, options with { PackTokens = 1 });
        var accumulated = Run(documents, options with { BatchSize = 3, AccumulationSteps = 8, PackTokens = 50 });
        foreach (var other in new[] { packed, apart, accumulated })
        {
            for (var i = 0; i < whole.Length; i++)
            {
                Assert.Equal(whole[i].SupervisedTokens, other[i].SupervisedTokens);
                Assert.Equal(whole[i].Loss, other[i].Loss, whole[i].Loss * Tolerance);
                Assert.Equal(whole[i].GradientNorm, other[i].GradientNorm, whole[i].GradientNorm * Tolerance);
            }
        }
    }

    [Fact]
    public void The_loss_is_the_mean_over_supervised_tokens_not_over_documents()
    {
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        var documents = TestDocuments.Random(7, 6);
        var sum = documents.Sum(document => model.Loss(new PackedBatch(document.Tokens, [0, document.Tokens.Length], document.Labels)));
        var step = Run(documents, new TrainingOptions { BatchSize = 7, MaxSteps = 1, PackTokens = 32 })[0];
        var mean = sum / documents.Sum(document => document.SupervisedTokens);
        Assert.Equal(mean, step.Loss, mean * Tolerance);
    }

    [Fact]
    public void A_run_learns_its_documents_and_repeats_exactly()
    {
        var documents = TestDocuments.Random(6, 7);
        var options = new TrainingOptions
        {
            BatchSize = 3,
            Epochs = 40,
            PackTokens = 64,
            LearningRate = 3e-3,
            Schedule = ScheduleKind.Cosine,
            WarmupRatio = 0.1,
        };
        var first = Run(documents, options);
        Assert.Equal(80, first.Length);
        Assert.Equal(0, first[0].LearningRate);
        Assert.True(first[^1].Loss < first[0].Loss / 4, $"The loss went from {first[0].Loss} to {first[^1].Loss}.");
        Assert.Equal(first.Select(step => step.Loss), Run(documents, options).Select(step => step.Loss));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_stops_the_run_and_names_the_step()
    {
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        var options = new TrainingOptions { BatchSize = 4, MaxSteps = 2, Schedule = ScheduleKind.Constant };
        using var trainer = new Trainer(model, new TrainingPlan(TestDocuments.Random(8, 8), options), options, TimeProvider.System);
        backend.Fill(model.Weights[0], float.NaN);
        Assert.Contains("loss of step 1 is NaN", Assert.Throws<TrainingException>(() => trainer.Run().Count()).Message);
    }

    [Fact]
    public void Steps_are_run_only_as_they_are_asked_for()
    {
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        var options = new TrainingOptions { BatchSize = 4, MaxSteps = 5 };
        var plan = new TrainingPlan(TestDocuments.Random(8, 9), options);
        using var trainer = new Trainer(model, plan, options, TimeProvider.System);
        Assert.Equal([1, 2], trainer.Run().Take(2).Select(step => step.Step));
    }

    [Fact]
    public void Recomputing_blocks_changes_memory_and_no_bit_of_a_run()
    {
        var documents = TestDocuments.Random(9, 4);
        var options = new TrainingOptions { BatchSize = 3, MaxSteps = 4, PackTokens = 64, LearningRate = 1e-3 };
        var recomputed = options with { RecomputeBlocks = true };
        Assert.Equal(Run(documents, options).Select(step => step.Loss), Run(documents, recomputed).Select(step => step.Loss));

        using var backend = new CpuBackend(1);
        long Activations(TrainingOptions training) =>
            MemoryPlan.Of(backend, TestDocuments.Config, null, training, largestBatch: 64, heldOutBatch: 0, processBytes: 0).Activations;
        Assert.True(Activations(recomputed) < Activations(options));
    }

    private static StepReport[] Run(TokenizedDocument[] documents, TrainingOptions options)
    {
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        using var trainer = new Trainer(model, new TrainingPlan(documents, options), options, TimeProvider.System);
        return [.. trainer.Run()];
    }
}
