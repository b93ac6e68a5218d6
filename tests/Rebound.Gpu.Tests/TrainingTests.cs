using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training;
using Rebound.Training.Tests;

namespace Rebound.Gpu.Tests;

/// <summary>Models trained on the GPU: against the CPU, and against themselves.</summary>
public sealed class TrainingTests
{
    private static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 256,
        FeedForwardSize = 512,
        Layers = 4,
        QueryHeads = 4,
        KeyValueHeads = 2,
        HeadDim = 64,
        VocabularySize = 1000,
        MaxPositions = 512,
        Windows = [0, 0, 0, 0],
        InitializerRange = 0.05f,
    };

    private static readonly TrainingOptions Options = new()
    {
        BatchSize = 3,
        MaxSteps = 6,
        PackTokens = 64,
        LearningRate = 1e-3,
        Optimizer = new AdamWOptions { WeightDecay = 0.1f, MaxGradientNorm = 1 },
    };

    [Theory]
    [InlineData(DType.BFloat16, 0.999)]
    [InlineData(DType.Float32, 0.9999999)]
    public void Every_gradient_points_where_the_cpus_does(DType type, double cosine)
    {
        Gpu.Require();
        using var cpu = new CpuBackend(2);
        using var cuda = new CudaBackend(new CudaOptions { ElementType = type });
        using var expected = LlamaModel.Initialize(cpu, Config, seed: 3);
        using var actual = LlamaModel.Load(cuda, Config, expected.Weights, trained: true);
        var batch = Batch([70, 33, 130, 1]);
        using var ofCpu = expected.CreateGradients();
        using var ofCuda = actual.CreateGradients();
        var scale = 1f / batch.SupervisedRows.Length;
        var (cpuLoss, cudaLoss) = (expected.LossAndGradients(batch, ofCpu, scale), actual.LossAndGradients(batch, ofCuda, scale));

        Assert.Equal(cpuLoss, cudaLoss, cpuLoss * (type == DType.BFloat16 ? 0.01 : 1e-5));
        Assert.Equal(cpuLoss, actual.Loss(batch), cpuLoss * (type == DType.BFloat16 ? 0.01 : 1e-5));
        Assert.All(ofCpu.Table.Slices, slice => Assert.InRange(Cosine(ofCpu, ofCuda, slice), cosine, 1 + 1e-9));
    }

    [Fact]
    public void Packed_documents_give_the_gradients_of_documents_apart()
    {
        using var model = LlamaModel.Initialize(Gpu.Shared, Config, seed: 3);
        int[] lengths = [70, 33, 130, 64];
        var packed = Batch(lengths);
        using var together = model.CreateGradients();
        using var apart = model.CreateGradients();
        var scale = 1f / packed.SupervisedRows.Length;
        var loss = model.LossAndGradients(packed, together, scale);
        var sum = 0.0;
        for (var d = 0; d < lengths.Length; d++)
        {
            var (start, end) = (packed.DocumentStarts[d], packed.DocumentStarts[d + 1]);
            sum += model.LossAndGradients(
                new PackedBatch(packed.Tokens[start..end], [0, end - start], packed.Labels[start..end]), apart, scale);
        }

        Assert.Equal(loss, sum, loss * 1e-3);
        Assert.All(together.Table.Slices, slice => Assert.InRange(Cosine(together, apart, slice), 0.9999, 1 + 1e-9));
    }

    [Theory]
    [InlineData(DType.Float32, false)]
    [InlineData(DType.BFloat16, false)]
    [InlineData(DType.Float32, true)]
    public void A_resumed_run_is_that_of_an_uninterrupted_one_to_the_last_bit(DType moments, bool lora)
    {
        Gpu.Require();
        var folder = Directory.CreateTempSubdirectory("rebound-resume-").FullName;
        try
        {
            using var backend = new CudaBackend(new CudaOptions { Deterministic = true });
            var options = Options with { Optimizer = Options.Optimizer with { MomentType = moments } };
            var plan = new TrainingPlan(TestDocuments.Random(9, 5), options);
            using var whole = Model(backend, lora);
            using var uninterrupted = new Trainer(whole, plan, options, TimeProvider.System);
            double[] losses = [.. uninterrupted.Run().Select(step => step.Loss)];

            using var first = Model(backend, lora);
            using var interrupted = new Trainer(first, plan, options, TimeProvider.System);
            double[] before = [.. interrupted.Run().Take(3).Select(step => step.Loss)];
            interrupted.SaveState(folder);
            using var second = Model(backend, lora);
            second.Trainable.Load(first.Trainable);
            using var resumed = new Trainer(second, plan, options, TimeProvider.System);
            resumed.RestoreState(folder, 3);

            double[] continued = [.. before, .. resumed.Run().Select(step => step.Loss)];
            Assert.Equal(losses, continued);
            Assert.True(losses[^1] < losses[0]);
            Assert.All(whole.Trainable.Table.Slices, slice => Assert.Equal(Read(whole.Trainable, slice), Read(second.Trainable, slice)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(DType.BFloat16, false)]
    [InlineData(DType.BFloat16, true)]
    [InlineData(DType.Float32, false)]
    public void Blocks_that_are_recomputed_give_the_same_bits(DType type, bool lora)
    {
        Gpu.Require();
        using var backend = new CudaBackend(new CudaOptions { ElementType = type, Deterministic = true });
        using var kept = Model(backend, lora);
        using var recomputed = Model(backend, lora);
        recomputed.RecomputesBlocks = true;
        using var expected = kept.CreateGradients();
        using var actual = recomputed.CreateGradients();
        var batch = Batch([70, 33, 130, 64]);

        Assert.Equal(kept.LossAndGradients(batch, expected, 0.01f), recomputed.LossAndGradients(batch, actual, 0.01f));
        Assert.All(expected.Table.Slices, slice => Assert.Equal(Read(expected, slice), Read(actual, slice)));
    }

    [Fact]
    public void Trained_weights_are_exact_and_others_rounded()
    {
        using var cpu = new CpuBackend(1);
        using var source = LlamaModel.Initialize(cpu, Config, seed: 5);
        using var trained = LlamaModel.Load(Gpu.Shared, Config, source.Weights, trained: true);
        using var frozen = LlamaModel.Load(Gpu.Shared, Config, source.Weights);
        Assert.All(source.Weights.Table.Slices, slice =>
        {
            var expected = Read(source.Weights, slice);
            Assert.Equal(expected, Read(trained.Weights, slice));
            Assert.All(
                expected.Zip(Read(frozen.Weights, slice)), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) / 256));
        });
    }

    private static LlamaModel Model(Backend backend, bool lora)
    {
        var model = LlamaModel.Initialize(backend, Config, seed: 7);
        if (lora)
        {
            model.Attach(LoraAdapter.Initialize(backend, Config, new LoraSettings { Rank = 8 }, seed: 4));
        }

        return model;
    }

    private static float[] Read(ParameterSet set, ParameterSlice slice)
    {
        var values = new float[slice.Shape.Count];
        set.Read(slice.Name, values);
        return values;
    }

    private static double Cosine(ParameterSet first, ParameterSet second, ParameterSlice slice)
    {
        var (dot, a, b) = (0.0, 0.0, 0.0);
        foreach (var (x, y) in Read(first, slice).Zip(Read(second, slice)))
        {
            (dot, a, b) = (dot + ((double)x * y), a + ((double)x * x), b + ((double)y * y));
        }

        return dot / Math.Sqrt(a * b);
    }

    /// <summary>Random tokens, two thirds of them in the loss.</summary>
    private static PackedBatch Batch(int[] lengths)
    {
        var random = new Random(11);
        int[] tokens = [.. Enumerable.Range(0, lengths.Sum()).Select(_ => random.Next(Config.VocabularySize))];
        int[] starts = [0, .. lengths.Select((_, d) => lengths[..(d + 1)].Sum())];
        return new PackedBatch(tokens, starts, [.. tokens.Select(token => random.Next(3) == 0 ? PackedBatch.IgnoreLabel : token)]);
    }
}
