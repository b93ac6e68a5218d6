using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    /// <summary>Cached tokens of every sequence, the one that is decoded included.</summary>
    public static TheoryData<int[], AttentionShape> DecodingCases
    {
        get
        {
            var cases = new TheoryData<int[], AttentionShape>();
            foreach (var headDim in new[] { 64, 80, 96, 128 })
            {
                foreach (var (heads, keyValueHeads) in new[] { (2, 2), (3, 1), (8, 2), (8, 1), (9, 1) })
                {
                    var shape = new AttentionShape(heads, keyValueHeads, headDim, 1 / MathF.Sqrt(headDim));
                    cases.Add([700, 1, 63, 64, 65], shape);
                    cases.Add([300, 40], shape with { Window = 130 });
                }
            }

            foreach (var heads in new[] { 1, 3, 4 })
            {
                cases.Add([5000], new AttentionShape(heads, 1, 64, 0.125f));
                cases.Add([5000, 4097], new AttentionShape(heads, 1, 64, 0.125f, Window: 1000));
            }

            cases.Add([.. Enumerable.Range(1, 17)], new AttentionShape(9, 3, 64, 0.125f));
            cases.Add([.. Enumerable.Range(1, 256)], new AttentionShape(3, 1, 64, 0.125f));
            cases.Add([130, 7], new AttentionShape(4, 2, 256, 0.06f));
            cases.Add([130, 7], new AttentionShape(4, 2, 6, 0.4f));
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(DecodingCases))]
    public void A_decoding_batch_attends_to_all_that_each_sequence_has_cached(int[] lengths, AttentionShape shape)
    {
        var all = Numbers.Batch(lengths);
        var fused = AttentionInputs(all, shape).Fused;
        var (cache, table) = Pages(lengths, shape);
        _backend.CacheAppend(cache, _memory.Of(fused, all.TokenCount, shape.FusedHeads, shape.HeadDim), On(all, table), shape);

        int[] rows = [.. all.DocumentStarts[1..].ToArray().Select(end => end - 1)];
        var row = shape.FusedHeads * shape.HeadDim;
        double[] last = [.. rows.SelectMany(r => fused[(r * row)..((r + 1) * row)])];
        var batch = Numbers.Batch(
            [.. lengths.Select(_ => 1)], firstPositions: [.. lengths.Select(length => length - 1)]);
        var (input, output) = (
            _memory.Of(last, rows.Length, shape.FusedHeads, shape.HeadDim), _memory.Garbage(rows.Length, shape.QueryHeads, shape.HeadDim));
        var prepared = On(batch, table);
        Assert.True(prepared.IsDecoding);
        _backend.CachedAttention(output, cache, input, prepared, shape);
        var once = _memory.Read(output);
        Close.Assert(
            ScalarReference.AttentionOfRows(fused, all, shape, rows), once, lengths.Max() + shape.HeadDim, "output", _memory.Element);
        _backend.CachedAttention(output, cache, input, prepared, shape);
        Assert.Equal(once, _memory.Read(output));
    }
}
