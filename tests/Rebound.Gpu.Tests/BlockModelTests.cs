using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Quantization;
using Rebound.Testing;
using Rebound.Training;
using Rebound.Training.Tests;

namespace Rebound.Gpu.Tests;

/// <summary>Models whose frozen weights are in blocks, beside models of what these widen to.</summary>
public sealed class BlockModelTests
{
    private static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Qwen2,
        HiddenSize = 256,
        FeedForwardSize = 768,
        Layers = 3,
        QueryHeads = 4,
        KeyValueHeads = 2,
        HeadDim = 64,
        VocabularySize = 1000,
        MaxPositions = 512,
        Windows = [0, 0, 0],
        InitializerRange = 0.05f,
    };

    /// <summary>As llama.cpp's Q4_K_M: values, down projections and the head have six bits.</summary>
    private static BlockType Mixed(string name) =>
        name.Contains("v_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal)
            ? BlockType.Q6_K
            : BlockType.Q4_K;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_are_no_further_from_the_cpus_than_those_of_widened_weights(bool mixed)
    {
        Gpu.Require();
        using var cpu = new CpuBackend(2);
        using var backend = new CudaBackend();
        using var start = LlamaModel.Initialize(cpu, Config, seed: 3);
        using var exact = Load(cpu, start, mixed, isStored: true);
        using var stored = Load(backend, start, mixed, isStored: true);
        using var widened = Load(backend, start, mixed, isStored: false);
        foreach (var tokens in new[] { 1, 7, 40, 130 })
        {
            int[] all = TinyModel.Tokens(tokens, seed: tokens);
            var batch = new PackedBatch(all, [0, tokens]);
            int[] rows = [.. Enumerable.Range(0, tokens)];
            var (expected, of, with) = (Logits(exact), Logits(stored), Logits(widened));
            var (error, allowed) = (Distance(expected, of), Distance(expected, with));
            Assert.InRange(error, 0, (1.5 * allowed) + (0.004 * Distance(expected, new float[expected.Length])));

            float[] Logits(LlamaModel model)
            {
                var logits = new float[tokens * Config.VocabularySize];
                model.Logits(batch, rows, logits);
                return logits;
            }
        }

        Assert.All(start.Weights.Table.Slices, slice => Assert.Equal(Read(exact.Weights, slice.Name), Read(stored.Weights, slice.Name)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void What_is_generated_is_generated_again_and_what_a_batch_of_one_would_say(int sequences)
    {
        Gpu.Require();
        using var cpu = new CpuBackend(2);
        using var start = LlamaModel.Initialize(cpu, Config, seed: 3);
        using var backend = new CudaBackend(new CudaOptions { BatchInvariant = true });
        using var model = Load(backend, start, mixed: true, isStored: true);
        var prompts = Enumerable.Range(0, sequences).Select(i => TinyModel.Tokens(1 + (i * 11 % 90), seed: i)).ToArray();
        var together = Generate(sequences);
        Assert.Equal(together, Generate(sequences));
        Assert.Equal(together, Generate(1));

        int[][] Generate(int atOnce) =>
            [.. new Generator(model, maxSequences: atOnce).Generate(prompts, new GenerationOptions { MaxNewTokens = 40 }).Select(result => result.Tokens)];
    }

    [Fact]
    public void Greedy_tokens_are_those_of_widened_weights_but_for_near_ties()
    {
        Gpu.Require();
        using var cpu = new CpuBackend(2);
        using var start = LlamaModel.Initialize(cpu, Config, seed: 3);
        using var backend = new CudaBackend();
        using var stored = Load(backend, start, mixed: true, isStored: true);
        using var widened = Load(backend, start, mixed: true, isStored: false);
        var prompts = Enumerable.Range(0, 40).Select(i => TinyModel.Tokens(30 + i, seed: i)).ToArray();
        var (of, with) = (First(stored), First(widened));

        // Untrained logits are close to each other; rounding decides a few of the first tokens.
        Assert.InRange(of.Zip(with).Count(pair => pair.First == pair.Second), 34, prompts.Length);

        int[] First(LlamaModel model) =>
            [.. new Generator(model, maxSequences: 8).Generate(prompts, new GenerationOptions { MaxNewTokens = 3 }).Select(result => result.Tokens[0])];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_adapter_learns_beside_blocks_as_beside_what_they_widen_to(bool recomputes)
    {
        Gpu.Require();
        using var cpu = new CpuBackend(2);
        using var start = LlamaModel.Initialize(cpu, Config, seed: 3);
        using var backend = new CudaBackend(new CudaOptions { Deterministic = true });
        var options = new TrainingOptions
        {
            BatchSize = 6,
            MaxSteps = 6,
            PackTokens = 256,
            LearningRate = 1e-3,
            Optimizer = new AdamWOptions { MaxGradientNorm = 1 },
        };
        var plan = new TrainingPlan(TestDocuments.Random(24, 5), options);
        var (of, with) = (Losses(isStored: true), Losses(isStored: false));
        Assert.Equal(with.Length, of.Length);
        Assert.All(of.Zip(with), pair => Assert.Equal(pair.Second, pair.First, 1e-3 * pair.Second));

        double[] Losses(bool isStored)
        {
            using var model = Load(backend, start, mixed: true, isStored);
            model.RecomputesBlocks = recomputes;
            model.Attach(LoraAdapter.Initialize(backend, Config, new LoraSettings { Rank = 8 }, seed: 4));
            using var trainer = new Trainer(model, plan, options, TimeProvider.System);
            return [.. trainer.Run().Select(step => step.Loss)];
        }
    }

    [Fact]
    public void What_a_set_takes_is_planned()
    {
        Gpu.Require();
        using var cpu = new CpuBackend(1);
        using var start = LlamaModel.Initialize(cpu, Config, seed: 3);
        using var backend = new CudaBackend();
        var blocks = new BlockTensors(start.Weights, Mixed, isStored: true);
        var before = backend.FreeBytes!.Value;
        using var model = LlamaModel.Load(backend, Config, blocks);
        var (planned, widened) =
            (ParameterSet.BytesOf(backend, model.Weights.Table, blocks), ParameterSet.BytesOf(model.Weights.Table, DType.BFloat16));
        var scratch = backend.StoredScratchBytes(model.Weights.Table.Parameters.Max(parameter => parameter.Shape.Count));
        Assert.InRange(planned - scratch, 1, 0.4 * widened);
        Assert.InRange(before - backend.FreeBytes!.Value, 0, planned + (64L << 20));
    }

    private static LlamaModel Load(Backend backend, LlamaModel start, bool mixed, bool isStored) => LlamaModel.Load(
        backend, Config, new BlockTensors(start.Weights, name => mixed ? Mixed(name) : BlockType.Q8_0, isStored));

    private static float[] Read(ParameterSet set, string name)
    {
        var values = new float[set.Tensors[name].Count];
        set.Read(name, values);
        return values;
    }

    private static double Distance(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (a, b) => ((double)a - b) * (a - b)).Sum());
}
