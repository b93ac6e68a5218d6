using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class RecomputationTests
{
    [Theory]
    [InlineData("llama", null)]
    [InlineData("qwen2", null)]
    [InlineData("qwen3", null)]
    [InlineData("llama", LoraTargets.AllLinear)]
    [InlineData("qwen3", "q,down")]
    [InlineData("llama", "o,up")]
    public void Blocks_that_are_recomputed_give_the_same_bits(string type, string? adapted)
    {
        using var backend = new CpuBackend();
        var config = TinyModel.Config(type, json => json["num_hidden_layers"] = 4);
        LlamaModel Create() => adapted is null
            ? LlamaModel.Initialize(backend, config, seed: 3)
            : LoraModel.Create(backend, config, LoraModel.Mixed(dropout: 0.1f) with { Targets = LoraTargets.Parse(adapted) });
        using var kept = Create();
        using var recomputed = Create();
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

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen3")]
    public void Outputs_of_norms_and_of_the_gate_are_not_kept(string type)
    {
        const int Tokens = 64;
        using var backend = new CpuBackend();
        long Bytes(int layers) => LlamaModel.WorkspaceBytes(
            backend, TinyModel.Config(type, json => json["num_hidden_layers"] = layers), Tokens, backward: true);

        var config = TinyModel.Config(type);
        var (heads, fused) = (config.QueryHeads, config.QueryHeads + (2 * config.KeyValueHeads));
        var (projected, ofHeads) = config.QueryKeyNorm ? (2 * fused, heads + config.KeyValueHeads) : (fused, 0);
        var kept = ((projected + heads) * config.HeadDim) + (2 * config.HiddenSize) + (2 * config.FeedForwardSize);
        var sums = 2 + heads + ofHeads;
        Assert.Equal(Tokens * (kept + sums) * sizeof(float), Bytes(5) - Bytes(4));
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
