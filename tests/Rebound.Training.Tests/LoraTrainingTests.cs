using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Training.Tests;

public sealed class LoraTrainingTests
{
    private static readonly TrainingOptions Options = new()
    {
        BatchSize = 3,
        Epochs = 60,
        PackTokens = 64,
        LearningRate = 1e-2,
        Schedule = ScheduleKind.Constant,
        Optimizer = new AdamWOptions { WeightDecay = 0.01f, MaxGradientNorm = 1 },
    };

    [Fact]
    public void Training_an_adapter_lowers_the_loss_and_leaves_the_weights_alone_to_the_last_bit()
    {
        using var backend = new CpuBackend(1);
        using var untouched = TestDocuments.Model(backend);
        using var model = Model(backend, new LoraSettings { Rank = 8, Dropout = 0.05f });
        var adapterBefore = Read(model.Adapter!.Parameters);

        var steps = Train(model);

        Assert.True(steps[^1].Loss < steps[0].Loss / 2, $"The loss went from {steps[0].Loss} to {steps[^1].Loss}.");
        Assert.Equal(Read(untouched.Weights), Read(model.Weights));
        Assert.All(adapterBefore.Zip(Read(model.Adapter.Parameters)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void A_run_with_dropout_repeats_exactly_and_follows_the_seed()
    {
        double[] Losses(long seed, float dropout)
        {
            using var backend = new CpuBackend(2);
            using var model = Model(backend, new LoraSettings { Rank = 4, Dropout = dropout });
            return [.. Train(model, Options with { Seed = seed, MaxSteps = 12 }).Select(step => step.Loss)];
        }

        Assert.Equal(Losses(1, 0.2f), Losses(1, 0.2f));
        Assert.NotEqual(Losses(1, 0.2f), Losses(1, 0));
        Assert.NotEqual(Losses(1, 0.2f), Losses(2, 0.2f));
    }

    [Fact]
    public void A_resumed_run_draws_the_masks_of_the_steps_that_are_left()
    {
        var settings = new LoraSettings { Rank = 4, Dropout = 0.3f };
        var folder = Directory.CreateTempSubdirectory("rebound-lora-").FullName;
        try
        {
            using var backend = new CpuBackend(1);
            using var whole = Model(backend, settings);
            var expected = Train(whole, Options with { MaxSteps = 10 }).Select(step => step.Loss).ToArray();
            var plan = Plan(Options with { MaxSteps = 10 });
            using var first = Model(backend, settings);
            using (var trainer = new Trainer(first, plan, Options with { MaxSteps = 10 }, TimeProvider.System))
            {
                Assert.Equal(expected[..4], trainer.Run().Take(4).Select(step => step.Loss));
                trainer.SaveState(folder);
            }

            using var second = LlamaModel.Load(backend, first.Config, first.Weights);
            second.Attach(LoraAdapter.Load(backend, first.Config, settings, first.Adapter!.Parameters));
            using var resumed = new Trainer(second, plan, Options with { MaxSteps = 10 }, TimeProvider.System);
            resumed.RestoreState(folder, 4);
            Assert.Equal(expected[4..], resumed.Run().Select(step => step.Loss));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_memory_plan_counts_gradients_and_moments_of_the_adapter_alone()
    {
        using var backend = new CpuBackend(1);
        var config = TestDocuments.Config;
        var plan = Plan(Options);
        var adapter = LoraLayout.For(config, new LoraSettings { Rank = 4, Targets = LoraTargets.Parse("q,v") });
        var full = MemoryPlan.Of(backend, config, null, Options, plan.LargestBatch, 0, processBytes: 0);
        var lora = MemoryPlan.Of(backend, config, adapter, Options, plan.LargestBatch, 0, processBytes: 0);

        var bytes = ParameterSet.BytesOf(adapter.Parameters, DType.Float32);
        Assert.Equal(full.Weights + bytes, lora.Weights);
        Assert.Equal(3 * bytes, lora.OptimizerState);
        Assert.Equal(adapter.Parameters.Count, lora.TrainableParameters);
        Assert.Equal(2 * 4 * ((32 + 32) + (32 + 16)), lora.TrainableParameters);
    }

    private static LlamaModel Model(Backend backend, LoraSettings settings)
    {
        var model = TestDocuments.Model(backend);
        model.Attach(LoraAdapter.Initialize(backend, model.Config, settings, seed: 4));
        return model;
    }

    private static TrainingPlan Plan(TrainingOptions options) => new(TestDocuments.Random(6, 7), options);

    private static StepReport[] Train(LlamaModel model, TrainingOptions? options = null)
    {
        options ??= Options;
        using var trainer = new Trainer(model, Plan(options), options, TimeProvider.System);
        return [.. trainer.Run()];
    }

    private static float[][] Read(ParameterSet set) =>
        [.. Enumerable.Range(0, set.Table.Parameters.Count).Select(parameter => set[parameter].AsSpan<float>().ToArray())];
}
