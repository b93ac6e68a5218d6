using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Tests;

public sealed class RecomputationTests
{
    [Theory]
    [InlineData("llama", false)]
    [InlineData("qwen2", false)]
    [InlineData("qwen3", false)]
    [InlineData("llama", true)]
    public void Blocks_that_are_recomputed_give_the_same_bits(string type, bool lora)
    {
        using var backend = new CpuBackend();
        var config = TinyModel.Config(type, json => json["num_hidden_layers"] = 4);
        using var kept = lora ? LoraModel.Create(backend, config, LoraModel.Mixed(dropout: 0.1f)) : LlamaModel.Initialize(backend, config, seed: 3);
        using var recomputed = lora ? LoraModel.Create(backend, config, LoraModel.Mixed(dropout: 0.1f)) : LlamaModel.Initialize(backend, config, seed: 3);
        recomputed.RecomputesBlocks = true;
        using var expected = kept.CreateGradients();
        using var actual = recomputed.CreateGradients();

        for (ulong pass = 1; pass <= 2; pass++)
        {
            var loss = kept.LossAndGradients(LoraModel.Batch(), expected, 0.1f, dropoutSeed: pass);
            Assert.Equal(loss, recomputed.LossAndGradients(LoraModel.Batch(), actual, 0.1f, dropoutSeed: pass));
        }

        Assert.All(expected.Table.Slices, slice => Assert.Equal(Read(expected, slice), Read(actual, slice)));
    }

    [Fact]
    public void Recomputed_blocks_take_an_output_each_and_the_rest_once()
    {
        using var backend = new CpuBackend();
        long Bytes(int layers, bool recompute) => LlamaModel.WorkspaceBytes(
            backend, TinyModel.Config(change: json => json["num_hidden_layers"] = layers), 64, backward: true, recompute: recompute);

        Assert.Equal(64 * TinyModel.Config().HiddenSize * sizeof(float), Bytes(5, recompute: true) - Bytes(4, recompute: true));
        Assert.True(Bytes(8, recompute: true) < Bytes(3, recompute: false));
        Assert.True(Bytes(5, recompute: false) - Bytes(4, recompute: false) > 8 * (Bytes(5, recompute: true) - Bytes(4, recompute: true)));
    }

    private static float[] Read(ParameterSet set, ParameterSlice slice) => set[slice].AsSpan<float>().ToArray();
}
