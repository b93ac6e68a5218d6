using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Engine.Tests.Conformance;
using Rebound.Engine.Tests.Reference;
using Rebound.Models;
using Rebound.Models.Layers;

namespace Rebound.Gpu.Tests;

/// <summary>Bits of a row that do not depend on what is computed beside it.</summary>
public sealed class BatchInvarianceTests
{
    public static TheoryData<DType, int, int> Products =>
    [
        .. from type in new[] { DType.BFloat16, DType.Float32 }
           from size in new[] { (960, 576), (19, 64), (4100, 1024), (33, 70) }
           select (type, size.Item1, size.Item2),
    ];

    public static TheoryData<DType, AttentionShape> Shapes =>
    [
        .. from type in new[] { DType.BFloat16, DType.Float32 }
           from shape in new[]
           {
               new AttentionShape(4, 4, 64, 0.125f), new AttentionShape(9, 3, 64, 0.125f), new AttentionShape(8, 1, 128, 0.09f),
               new AttentionShape(6, 2, 80, 0.11f, Window: 300), new AttentionShape(2, 1, 6, 0.4f),
               new AttentionShape(2, 1, 6, 0.4f, Window: 90),
           }
           select (type, shape),
    ];

    [Theory]
    [InlineData(960, 576)]
    [InlineData(576, 1536)]
    [InlineData(20, 64)]
    [InlineData(8200, 1024)]
    public void A_row_of_few_comes_to_the_same_alone(int outer, int inner)
    {
        using var memory = new GuardedMemory(Gpu.Shared, DType.BFloat16);
        foreach (var rows in new[] { 2, 9, SkinnyPlan.MostRows })
        {
            AssertRowsAlone(Gpu.Shared, memory, rows, outer, inner);
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void A_row_of_any_product_comes_to_the_same_alone(DType type, int outer, int inner)
    {
        using var backend = Invariant(type);
        using var memory = new GuardedMemory(backend, type);
        AssertRowsAlone(backend, memory, 200, outer, inner);

        var (low, up) = (Random(memory, 1, 200, 24), Random(memory, 2, outer, 8));
        var (all, some) = (memory.Garbage(200, outer + 5), memory.Garbage(200, outer + 5));
        backend.LinearForward(all.Columns(3, outer), low.Columns(8, 8), up);
        backend.LinearForward(some.Rows(77, 3).Columns(3, outer), low.Rows(77, 3).Columns(8, 8), up);
        Assert.Equal(memory.Read(all.Rows(77, 3)), memory.Read(some.Rows(77, 3)));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Attention_over_a_cache_comes_to_the_same_in_any_chunks(DType type, AttentionShape shape)
    {
        using var backend = Invariant(type);
        using var memory = new GuardedMemory(backend, type);
        const int Length = 700;
        var whole = Attend(backend, memory, shape, Length, Length, beside: false);
        Assert.Equal(whole, Attend(backend, memory, shape, Length, 256, beside: true));
        Assert.Equal(whole, Attend(backend, memory, shape, Length, 23, beside: false));
        Assert.Equal(whole[^5..], Attend(backend, memory, shape, Length, 139, beside: true)[^5..]);
    }

    [Theory]
    [InlineData(DType.BFloat16, LlamaVariant.Llama, 64)]
    [InlineData(DType.BFloat16, LlamaVariant.Qwen3, 80)]
    [InlineData(DType.Float32, LlamaVariant.Llama, 64)]
    public void A_models_logits_come_to_the_same_in_any_chunks(DType type, LlamaVariant variant, int headDim)
    {
        var config = SmallModel.Config(variant, headDim, feedForward: 992);
        using var backend = Invariant(type);
        using var memory = new GuardedMemory(backend, type);
        using var model = LlamaModel.Initialize(backend, config, seed: 3);
        const int Length = 150;
        int[] tokens = [.. Enumerable.Range(0, Length).Select(t => (t * 389) % 1000)];
        int[] other = [.. tokens.Reverse()];

        var cache = Cache(memory, config);
        var whole = new float[config.VocabularySize];
        model.Logits(
            new PackedBatch(tokens, [0, Length]), [Length - 1], whole,
            new KeyValueCacheView(cache, new PageTable([[3, 0, 5]]), BatchIsWhole: true));

        cache = Cache(memory, config);
        var table = new PageTable([[6, 1, 2], [4, 0, 5]]);
        var logits = new float[2 * config.VocabularySize];
        foreach (var (first, end) in new[] { (0, 40), (40, 41), (41, Length) })
        {
            var batch = new PackedBatch(
                [.. other[first..end], .. tokens[first..end]], [0, end - first, 2 * (end - first)], firstPositions: [first, first]);
            int[] rows = [end - first - 1, (2 * (end - first)) - 1];
            model.Logits(batch, rows, logits, new KeyValueCacheView(cache, table, BatchIsWhole: false));
        }

        Assert.Equal(whole, logits[config.VocabularySize..]);
    }

    private static CudaBackend Invariant(DType type)
    {
        Gpu.Require();
        return new CudaBackend(new CudaOptions { BatchInvariant = true, ElementType = type });
    }

    /// <summary>Products of all rows, and of some of them alone.</summary>
    private static void AssertRowsAlone(CudaBackend backend, GuardedMemory memory, int rows, int outer, int inner)
    {
        var (input, weight, bias, norm) = (
            Random(memory, 1, rows, inner), Random(memory, 2, outer, inner), Random(memory, 3, outer), Random(memory, 4, inner));
        var all = Compute(input);
        foreach (var row in new[] { 0, rows / 2, rows - 1 })
        {
            var alone = Compute(input.Rows(row, 1));
            Assert.Equal(memory.Read(alone.Plain), memory.Read(all.Plain.Rows(row, 1)));
            Assert.Equal(memory.Read(alone.Logits), memory.Read(all.Logits.Rows(row, 1)));
            Assert.Equal(memory.Read(alone.Normed), memory.Read(all.Normed.Rows(row, 1)));
            if (outer % 2 == 0)
            {
                Assert.Equal(memory.Read(alone.Gated), memory.Read(all.Gated.Rows(row, 1)));
            }
        }

        (Tensor Plain, Tensor Logits, Tensor Normed, Tensor Gated) Compute(Tensor from)
        {
            var count = from.Shape[0];
            var room = new NormedInput(from, norm, 1e-5f, memory.Garbage(count, inner), memory.GarbageFloats(count));
            var (plain, logits) = (memory.Garbage(count, outer), memory.GarbageFloats(count, outer));
            var (normed, gated) = (memory.Garbage(count, outer), memory.Garbage(count, outer / 2));
            backend.LinearForward(plain, from, weight, bias);
            backend.LinearForward(logits, from, weight, default);
            backend.NormLinearForward(normed, room, weight, bias);
            if (outer % 2 == 0)
            {
                backend.NormGatedForward(gated, memory.Garbage(count, outer), room, weight, bias);
            }

            return (plain, logits, normed, gated);
        }
    }

    private static Tensor Random(GuardedMemory memory, int seed, params ReadOnlySpan<int> extents) => memory.Of(
        Precision.Round(Numbers.Normal((int)Shape.Of(extents).Count, seed, deviation: 0.2), memory.Element), extents);

    /// <summary>Attention of a sequence that is read in chunks.</summary>
    /// <param name="beside">Whether another sequence is read as well.</param>
    /// <returns>The output of every token.</returns>
    private static double[][] Attend(
        CudaBackend backend, GuardedMemory memory, AttentionShape shape, int length, int chunk, bool beside)
    {
        var (pages, row) = ((length + 63) / 64, shape.FusedHeads * shape.HeadDim);
        var table = new PageTable(beside
            ? [Enumerable.Range(0, pages).ToArray(), [.. Enumerable.Range(pages, pages).Reverse()]]
            : [[.. Enumerable.Range(pages, pages).Reverse()]]);
        var cache = new KeyValuePages(
            memory.Garbage(2 * pages, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim),
            memory.Garbage(2 * pages, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim));
        var ownValues = memory.Read(Random(memory, 1, length, shape.FusedHeads, shape.HeadDim));
        var otherValues = memory.Read(Random(memory, 2, length, shape.FusedHeads, shape.HeadDim));
        var results = new List<double[]>();
        for (var first = 0; first < length; first += chunk)
        {
            var count = Math.Min(chunk, length - first);
            var part = ownValues[(first * row)..((first + count) * row)];
            double[] fused = beside ? [.. otherValues[(first * row)..((first + count) * row)], .. part] : part;
            int[] lengths = beside ? [count, count] : [count];
            var batch = Numbers.Batch(lengths, firstPositions: [.. lengths.Select(_ => first)]);
            using var prepared = backend.Prepare(batch, table);
            var heads = memory.Of(fused, batch.TokenCount, shape.FusedHeads, shape.HeadDim);
            var output = memory.Garbage(batch.TokenCount, shape.QueryHeads, shape.HeadDim);
            backend.CacheAppend(cache, heads, prepared, shape);
            backend.CachedAttention(output, cache, heads, prepared, shape);
            results.AddRange(memory.Read(output).Chunk(shape.QueryHeads * shape.HeadDim).Skip(batch.TokenCount - count));
        }

        return [.. results];
    }

    private static KeyValuePages[] Cache(GuardedMemory memory, LlamaConfig config) =>
    [
        .. Enumerable.Range(0, config.Layers).Select(_ => new KeyValuePages(
            memory.Garbage(7, config.KeyValueHeads, PageTable.PageTokens, config.HeadDim),
            memory.Garbage(7, config.KeyValueHeads, PageTable.PageTokens, config.HeadDim))),
    ];
}
