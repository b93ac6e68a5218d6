using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Engine.Tests.Conformance;
using Rebound.Models;
using Rebound.Models.Layers;
using Rebound.Quantization;

namespace Rebound.Gpu.Tests;

/// <summary>Kernels that begin before those ahead of them have ended.</summary>
public sealed class LaunchesAheadTests
{
    private static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 576,
        FeedForwardSize = 1536,
        Layers = 6,
        QueryHeads = 9,
        KeyValueHeads = 3,
        HeadDim = 64,
        VocabularySize = 2000,
        MaxPositions = 512,
        Windows = [0, 0, 0, 0, 0, 0],
    };

    [Theory]
    [InlineData(1, false)]
    [InlineData(20, false)]
    [InlineData(64, false)]
    [InlineData(1, true)]
    [InlineData(20, true)]
    [InlineData(64, true)]
    public void Decoding_comes_to_the_same_as_with_kernels_one_after_the_other(int sequences, bool blocks)
    {
        Gpu.Require();
        Assert.Equal(Decode(sequences, blocks, launchesAhead: false), Decode(sequences, blocks, launchesAhead: true));
    }

    /// <summary>Logits of the last of many steps of sequences that begin at different positions of a cache of random values.</summary>
    private static float[] Decode(int sequences, bool blocks, bool launchesAhead)
    {
        const int Steps = 40, PagesOfSequence = 4;
        using var backend = new CudaBackend(new CudaOptions { LaunchesAhead = launchesAhead });
        using var memory = new GuardedMemory(backend, DType.BFloat16);
        using var cpu = new CpuBackend(2);
        using var start = LlamaModel.Initialize(cpu, Config, seed: 5);
        using var model = LlamaModel.Load(backend, Config, new BlockTensors(start.Weights, _ => BlockType.Q4_0, isStored: blocks));
        var table = new PageTable(
            Enumerable.Range(0, sequences).Select(s => Enumerable.Range(s * PagesOfSequence, PagesOfSequence).Reverse().ToArray()));
        KeyValuePages[] cache =
        [
            .. Enumerable.Range(0, Config.Layers).Select(_ => new KeyValuePages(
                memory.Garbage(sequences * PagesOfSequence, Config.KeyValueHeads, PageTable.PageTokens, Config.HeadDim),
                memory.Garbage(sequences * PagesOfSequence, Config.KeyValueHeads, PageTable.PageTokens, Config.HeadDim))),
        ];
        var logits = new float[sequences * Config.VocabularySize];
        int[] rows = [.. Enumerable.Range(0, sequences)];
        for (var step = 0; step < Steps; step++)
        {
            int[] tokens = [.. rows.Select(s => ((s * 31) + (step * 17)) % Config.VocabularySize)];
            int[] positions = [.. rows.Select(s => ((s * 11) % 200) + step)];
            model.Logits(
                new PackedBatch(tokens, [.. Enumerable.Range(0, sequences + 1)], firstPositions: positions), rows, logits,
                new KeyValueCacheView(cache, table, BatchIsWhole: false));
        }

        return logits;
    }
}
