using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    [Theory]
    [MemberData(nameof(AttentionCases))]
    public void Cached_attention_equals_uncached_in_any_chunks(int[] lengths, AttentionShape shape)
    {
        var batch = Numbers.Batch(lengths);
        var (fused, _) = AttentionInputs(batch, shape);
        var expected = ScalarReference.AttentionForward(fused, batch, shape).Output;
        foreach (var chunk in new[] { int.MaxValue, 23, 1 })
        {
            Close.Assert(
                expected, RunCached(fused, lengths, shape, chunk), batch.LongestDocument + shape.HeadDim,
                $"output in chunks of {chunk}", _memory.Element);
        }
    }

    [Fact]
    public void A_batch_may_mix_prefill_and_decoding()
    {
        var shape = new AttentionShape(4, 2, 16, 0.25f);
        var (cache, table) = Pages([70, 140], shape);
        var (first, second) = (Numbers.Batch([69, 40]), Numbers.Batch([1, 100], firstPositions: [69, 40]));
        var fused = AttentionInputs(Numbers.Batch([70, 140]), shape).Fused;
        var row = shape.FusedHeads * shape.HeadDim;
        double[] head = [.. fused[..(69 * row)], .. fused[(70 * row)..(110 * row)]];
        double[] tail = [.. fused[(69 * row)..(70 * row)], .. fused[(110 * row)..]];
        RunCachedChunk(head, cache, first, table, shape);
        var output = RunCachedChunk(tail, cache, second, table, shape);
        var expected = ScalarReference.AttentionForward(fused, Numbers.Batch([70, 140]), shape).Output;
        var outputRow = shape.QueryHeads * shape.HeadDim;
        Close.Assert(
            [.. expected[(69 * outputRow)..(70 * outputRow)], .. expected[(110 * outputRow)..]], output, 140, "output", _memory.Element);
    }

    [Fact]
    public void Cache_refuses_too_few_or_unknown_pages()
    {
        var shape = new AttentionShape(2, 1, 4, 1);
        var batch = Numbers.Batch([3], firstPositions: [62]);
        var cache = new KeyValuePages(_memory.Garbage(2, 1, 64, 4), _memory.Garbage(2, 1, 64, 4));
        var (fused, output) = (_memory.Garbage(3, 4, 4), _memory.Garbage(3, 2, 4));
        AssertRefused("Refill", "pages", () => On(batch, new PageTable([[0]])));
        AssertRefused("Refill", "pages", () => On(batch, new PageTable([[0, 1], [1]])));
        AssertRefused("CacheAppend", "batch", () => _backend.CacheAppend(cache, fused, On(batch, new PageTable([[0, 2]])), shape));
        AssertRefused("CachedAttention", "batch", () => _backend.CachedAttention(output, cache, fused, On(batch), shape));
        AssertRefused("CachedAttention", "output",
            () => _backend.CachedAttention(fused, cache, fused, On(batch, new PageTable([[0, 1]])), shape));
    }

    private double[] RunCached(double[] fused, int[] lengths, AttentionShape shape, int chunk)
    {
        var (cache, table) = Pages(lengths, shape);
        var (row, outputRow) = (shape.FusedHeads * shape.HeadDim, shape.QueryHeads * shape.HeadDim);
        var output = new double[lengths.Sum() * outputRow];
        var starts = Numbers.Batch(lengths).DocumentStarts.ToArray();
        for (var done = 0; done < lengths.Max(); done += Math.Min(chunk, lengths.Max()))
        {
            // The documents that still have tokens, each with its next chunk.
            var active = Enumerable.Range(0, lengths.Length).Where(d => lengths[d] > done).ToArray();
            var counts = active.Select(d => Math.Min(chunk, lengths[d] - done)).ToArray();
            var tokens = active.Select((d, i) => fused[((starts[d] + done) * row)..((starts[d] + done + counts[i]) * row)]);
            var batch = Numbers.Batch(counts, firstPositions: [.. active.Select(_ => done)]);
            var result = RunCachedChunk(
                [.. tokens.SelectMany(x => x)], cache, batch, new PageTable(active.Select(d => table.Pages(d).ToArray())), shape);
            for (var i = 0; i < active.Length; i++)
            {
                Array.Copy(
                    result, batch.DocumentStarts[i] * outputRow, output, (starts[active[i]] + done) * outputRow, counts[i] * outputRow);
            }
        }

        return output;
    }

    private double[] RunCachedChunk(double[] fused, KeyValuePages cache, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        var tensor = _memory.Of(fused, batch.TokenCount, shape.FusedHeads, shape.HeadDim);
        var output = _memory.Garbage(batch.TokenCount, shape.QueryHeads, shape.HeadDim);
        _backend.CacheAppend(cache, tensor, On(batch, table), shape);
        _backend.CachedAttention(output, cache, tensor, On(batch, table), shape);
        return _memory.Read(output);
    }

    /// <summary>Pages for sequences of these lengths, handed out in a scattered order.</summary>
    private (KeyValuePages Cache, PageTable Table) Pages(int[] lengths, AttentionShape shape)
    {
        var counts = lengths.Select(length => (length + PageTable.PageTokens - 1) / PageTable.PageTokens).ToArray();
        var total = counts.Sum() + 1;
        var free = new Stack<int>(Enumerable.Range(0, total).OrderBy(page => page * 7 % 5).ThenBy(page => page));
        var table = new PageTable(counts.Select(count => Enumerable.Range(0, count).Select(_ => free.Pop()).ToArray()).ToArray());
        var keys = _memory.Garbage(total, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim);
        var values = _memory.Garbage(total, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim);
        return (new KeyValuePages(keys, values), table);
    }
}
