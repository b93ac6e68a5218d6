using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>Models whose weights stay as their files store them, beside the same weights widened to fp32.</summary>
public sealed class StoredWeightTests
{
    private static readonly string SmolLM2 = "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf";

    [Fact]
    public void Logits_losses_and_gradients_of_an_adapter_are_those_of_the_widened_weights()
    {
        using var source = new GgufFile(SharedData.Path(SmolLM2));
        var config = LlamaConfig.Parse(source.Config, source.Location);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => 100 + (int)(i * 7919L % 40000))];
        var batch = new PackedBatch([.. tokens, .. tokens[..7]], [0, 40, 47], [-100, .. tokens[1..], -100, .. tokens[1..7]]);
        var results = new[] { true, false }.Select(stored =>
        {
            using var backend = new CpuBackend(2, storedWeights: stored, roundsActivations: true);
            using var model = LlamaModel.Load(backend, config, source);
            var logits = new float[3 * config.VocabularySize];
            model.Logits(batch, [0, 39, 46], logits);
            model.Attach(LoraAdapter.Initialize(backend, config, new LoraSettings { Rank = 4 }, seed: 3));
            using var gradients = model.CreateGradients();
            var loss = model.LossAndGradients(batch, gradients, lossScale: 0.1f);
            var gradient = new float[gradients.All.Count];
            backend.CopyToHost(gradient, gradients.All);
            return (logits, loss, gradient);
        }).ToArray();
        Assert.Equal(results[1].logits, results[0].logits);
        Assert.Equal(results[1].loss, results[0].loss);
        Assert.Equal(results[1].gradient, results[0].gradient);
        Assert.Contains(results[0].gradient, value => value != 0);
    }

    /// <summary>Q4_K_M has value projections in Q6_K: a fused matrix of two types.</summary>
    [Theory]
    [InlineData("Q4_K_M")]
    [InlineData("Q8_0")]
    public void Weights_that_are_rounded_when_they_are_read_give_what_their_values_give(string name)
    {
        using var backend = new CpuBackend(2, roundsActivations: true);
        using var widening = new CpuBackend(2, storedWeights: false);
        using var whole = LlamaModel.Initialize(backend, Config, seed: 4);
        using var rounded = QuantizedWeights.Of(
            Config.ToJson(), whole.Weights, GgufFileType.Find(name)!, (parts, part) => Enumerable.Range(0, parts).ToList().ForEach(part));
        using var stored = LlamaModel.Load(backend, Config, rounded);
        using var widened = LlamaModel.Load(widening, Config, rounded);
        var batch = new PackedBatch([.. Enumerable.Range(1, 20)], [0, 20]);
        var (of, with, exact) = (Logits(stored, batch), Logits(widened, batch), Logits(whole, batch));
        Assert.Equal(with, of);
        Assert.NotEqual(exact, of);
        foreach (var (tensor, shape) in widened.Weights.Tensors)
        {
            var (some, others) = (new float[shape.Count], new float[shape.Count]);
            stored.Weights.Read(tensor, some);
            widened.Weights.Read(tensor, others);
            Assert.Equal(others, some);
        }

        var table = stored.Weights.Table;
        Assert.InRange(
            ParameterSet.BytesOf(backend, table, rounded) / (double)ParameterSet.BytesOf(table, DType.Float32), 0.1,
            name == "Q8_0" ? 0.28 : 0.2);
        Assert.Equal(ParameterSet.BytesOf(table, DType.Float32), ParameterSet.BytesOf(widening, table, rounded));
    }

    /// <summary>A folder of one file, and one of a shard for every tensor; an odd width, so that rows lie at any even byte.</summary>
    [Theory]
    [InlineData(StoredFloatType.BF16, long.MaxValue)]
    [InlineData(StoredFloatType.F16, long.MaxValue)]
    [InlineData(StoredFloatType.BF16, 1L)]
    public void Folders_of_16_bits_stay_so_and_give_what_their_values_give(StoredFloatType type, long shardBytes)
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend(2);
        using var widening = new CpuBackend(2, storedWeights: false);
        var config = Config with { HiddenSize = 250, FeedForwardSize = 333 };
        using (var whole = LlamaModel.Initialize(backend, config, seed: 5))
        {
            SafetensorsWriter.WriteFolder(folder.Path, whole.Weights, whole.Weights.Tensors.Keys, type, shardBytes);
        }

        using var source = new SafetensorsFolder(folder.Path);
        using var stored = LlamaModel.Load(backend, config, source);
        using var widened = LlamaModel.Load(widening, config, source);
        foreach (var length in (int[])[1, 3, 12, 30])
        {
            var batch = new PackedBatch([.. Enumerable.Range(1, length)], [0, length]);
            Assert.Equal(Logits(widened, batch), Logits(stored, batch));
        }

        var table = stored.Weights.Table;
        Assert.InRange(
            ParameterSet.BytesOf(backend, table, source) / (double)ParameterSet.BytesOf(table, DType.Float32), 0.5, 0.51);
        Assert.Equal(ParameterSet.BytesOf(table, DType.Float32), ParameterSet.BytesOf(widening, table, source));
        foreach (var slice in table.Slices)
        {
            var (some, others) = (new float[slice.Shape.Count], new float[slice.Shape.Count]);
            stored.Weights.Read(slice.Name, some);
            widened.Weights.Read(slice.Name, others);
            Assert.Equal(others, some);
        }
    }

    private static LlamaConfig Config => new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 256,
        FeedForwardSize = 512,
        Layers = 2,
        QueryHeads = 4,
        KeyValueHeads = 2,
        HeadDim = 64,
        VocabularySize = 100,
        MaxPositions = 64,
        Windows = [0, 0],
        InitializerRange = 0.1f,
    };

    private static float[] Logits(LlamaModel model, PackedBatch batch)
    {
        var logits = new float[batch.TokenCount * model.Config.VocabularySize];
        model.Logits(batch, logits);
        return logits;
    }
}
