using Rebound.Engine.Cpu;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    [Theory]
    [MemberData(nameof(AttentionCases))]
    public void Query_key_norm_matches_the_reference(int[] lengths, AttentionShape shape)
    {
        const float Epsilon = 1e-6f;
        var (rows, width) = (lengths.Sum(), shape.HeadDim);
        var input = Normal(rows * shape.FusedHeads * width, 1);
        var (query, key) = (Normal(width, 2, mean: 1), Normal(width, 3, mean: 1));
        var dOutput = Normal(input.Length, 4);
        var inputTensor = _memory.Of(input, rows, shape.FusedHeads, width);
        var (queryTensor, keyTensor) = (_memory.Of(query, width), _memory.Of(key, width));
        var output = _memory.Garbage(rows, shape.FusedHeads, width);
        var reciprocal = _memory.GarbageFloats(rows, shape.QueryHeads + shape.KeyValueHeads);
        _backend.QueryKeyNormForward(output, reciprocal, inputTensor, queryTensor, keyTensor, shape, Epsilon);
        var expected = ScalarReference.QueryKeyNormForward(input, query, key, shape, Epsilon);
        AssertClose(expected.Output, output, width, "output");
        AssertClose(expected.ReciprocalRms, reciprocal, width, "reciprocalRms");

        var backward = ScalarReference.QueryKeyNormBackward(dOutput, input, query, key, shape, Epsilon);
        var dTensor = _memory.Of(dOutput, rows, shape.FusedHeads, width);
        var (dInput, dQuery, dKey) = (_memory.Garbage(rows, shape.FusedHeads, width), _memory.Garbage(width), _memory.Garbage(width));
        _backend.QueryKeyNormBackward(dInput, dQuery, dKey, dTensor, inputTensor, queryTensor, keyTensor, reciprocal, shape);
        AssertClose(backward.DInput, dInput, width, "dInput");
        AssertClose(backward.DQueryWeight.Plus(_memory.GarbageValues(width)), dQuery, rows * shape.QueryHeads, "dQueryWeight");
        AssertClose(backward.DKeyWeight.Plus(_memory.GarbageValues(width)), dKey, rows * shape.KeyValueHeads, "dKeyWeight");

        _backend.QueryKeyNormBackward(dTensor, default, default, dTensor, inputTensor, queryTensor, keyTensor, reciprocal, shape);
        Assert.Equal(_memory.Read(dInput), _memory.Read(dTensor));
    }

    [Fact]
    public void Query_key_norm_refuses_its_input_as_output()
    {
        var shape = new AttentionShape(2, 1, 4, 1);
        var (input, weight, reciprocal) = (_memory.Garbage(3, 4, 4), _memory.Garbage(4), _memory.GarbageFloats(3, 3));
        Assert.Throws<ArgumentException>(() => _backend.QueryKeyNormForward(input, reciprocal, input, weight, weight, shape, 1e-6f));
        AssertRefused("QueryKeyNormForward", "input",
            () => _backend.QueryKeyNormForward(input, reciprocal, weight, weight, weight, shape, 1e-6f));
    }

    [Theory]
    [MemberData(nameof(AttentionCases))]
    public void Rotary_matches_the_reference(int[] lengths, AttentionShape shape)
    {
        var batch = Numbers.Batch(lengths, firstPositions: [.. lengths.Select((_, d) => 3 * d)]);
        var positions = lengths.Max() + (3 * lengths.Length);
        var (cosines, sines) = Numbers.RotaryAngles(positions, shape.HeadDim);
        var heads = Normal(batch.TokenCount * shape.FusedHeads * shape.HeadDim, 1);
        var table = new RotaryTable(
            _memory.Floats(cosines, positions, shape.HeadDim / 2), _memory.Floats(sines, positions, shape.HeadDim / 2));
        var forward = _memory.Of(heads, batch.TokenCount, shape.FusedHeads, shape.HeadDim);
        var backward = _memory.Of(heads, batch.TokenCount, shape.FusedHeads, shape.HeadDim);
        _backend.RotaryForward(forward, table, On(batch), shape);
        _backend.RotaryBackward(backward, table, On(batch), shape);
        AssertClose(ScalarReference.Rotary(heads, cosines, sines, batch.Positions, shape, 1), forward, 2, "forward");
        AssertClose(ScalarReference.Rotary(heads, cosines, sines, batch.Positions, shape, -1), backward, 2, "backward");
    }

    [Fact]
    public void Rotary_refuses_a_table_that_ends_before_the_batch()
    {
        var shape = new AttentionShape(1, 1, 4, 1);
        var table = new RotaryTable(_memory.GarbageFloats(5, 2), _memory.GarbageFloats(5, 2));
        var batch = Numbers.Batch([2, 3], firstPositions: [0, 3]);
        AssertRefused("RotaryForward", "rotary", () => _backend.RotaryForward(_memory.Garbage(5, 3, 4), table, On(batch), shape));
        AssertRefused("RotaryBackward", "dQueryKeyValue", () => _backend.RotaryBackward(_memory.Garbage(5, 2, 4), table, On(batch), shape));
    }

    [Theory]
    [MemberData(nameof(AttentionCases))]
    public void Attention_matches_the_reference(int[] lengths, AttentionShape shape)
    {
        var batch = Numbers.Batch(lengths);
        var (fused, dOutput) = AttentionInputs(batch, shape);
        var (output, logSumExp, dFused) = RunAttention(fused, dOutput, batch, shape);
        var expected = ScalarReference.AttentionForward(fused, batch, shape);
        var terms = batch.LongestDocument + shape.HeadDim;
        Close.Assert(expected.Output, output, terms, "output", _memory.Element);
        Close.Assert(expected.LogSumExp, logSumExp, terms, "logSumExp");
        Close.Assert(
            ScalarReference.AttentionBackward(dOutput, fused, batch, shape), dFused, terms * shape.GroupSize,
            "dQueryKeyValue", _memory.Element);
    }

    [Fact]
    public void Attention_with_large_scores_does_not_overflow()
    {
        var shape = new AttentionShape(2, 1, 16, 1f);
        var batch = Numbers.Batch([100]);
        var fused = Normal(100 * shape.FusedHeads * 16, 1, deviation: 12);
        var (output, _, dFused) = RunAttention(fused, Normal(100 * 2 * 16, 2), batch, shape);
        Assert.All(dFused, value => Assert.True(double.IsFinite(value)));

        // Scores of about 600 are rounded in their tenth bit behind the point, which the softmax turns into a relative error.
        var expected = ScalarReference.AttentionForward(fused, batch, shape).Output;
        var tolerance = 0.02 + (_memory.Element == DType.BFloat16 ? 4 * Precision.BFloat16Rounding * expected.Max(Math.Abs) : 0);
        Assert.All(expected.Zip(output), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Theory]
    [MemberData(nameof(AttentionCases))]
    public void Attention_packed_equals_apart(int[] lengths, AttentionShape shape)
    {
        var batch = Numbers.Batch(lengths);
        var (fused, dOutput) = AttentionInputs(batch, shape);
        var packed = RunAttention(fused, dOutput, batch, shape);
        var (fusedRow, outputRow) = (shape.FusedHeads * shape.HeadDim, shape.QueryHeads * shape.HeadDim);
        for (var d = 0; d < lengths.Length; d++)
        {
            var (start, end) = (batch.DocumentStarts[d], batch.DocumentStarts[d + 1]);
            var apart = RunAttention(
                fused[(start * fusedRow)..(end * fusedRow)], dOutput[(start * outputRow)..(end * outputRow)],
                Numbers.Batch([lengths[d]]), shape);
            Assert.Equal(apart.Output, packed.Output[(start * outputRow)..(end * outputRow)]);
            Assert.Equal(apart.LogSumExp, packed.LogSumExp[(start * shape.QueryHeads)..(end * shape.QueryHeads)]);
            Assert.Equal(apart.DFused, packed.DFused[(start * fusedRow)..(end * fusedRow)]);
        }
    }

    [Fact]
    public void A_batch_that_is_refilled_computes_as_one_of_its_own()
    {
        var (shape, table) = (new AttentionShape(4, 2, 64, 0.125f), new PageTable([[2, 0], [1]]));
        using var refilled = _backend.AllocateBatch(new BatchCapacity(Tokens: 200, Documents: 5, SequencePages: 3));
        foreach (var lengths in new int[][] { [150, 40], [20, 1, 7], [3, 60], [70, 64] })
        {
            var batch = Numbers.Batch(lengths);
            var pages = lengths.Length == table.Sequences && lengths[0] <= 128 ? table : null;
            refilled.Refill(batch, batch.SupervisedRows, pages);
            Assert.Equal(Results(On(batch, pages), shape), Results(refilled, shape));
        }

        AssertRefused("Refill", "batch", () => refilled.Refill(Numbers.Batch([201]), []));
        AssertRefused("Refill", "batch", () => refilled.Refill(Numbers.Batch([1, 1, 1, 1, 1, 1]), []));
        AssertRefused("Refill", "batch", () => refilled.Refill(Numbers.Batch([1]), [], new PageTable([[0, 1, 2, 3]])));
        Assert.Equal(134, refilled.TokenCount);
    }

    [Fact]
    public void A_batch_that_was_not_filled_or_is_elsewhere_is_refused()
    {
        using var empty = _backend.AllocateBatch(new BatchCapacity(Tokens: 4, Documents: 1));
        var (output, weight) = (_memory.Garbage(4, 3), _memory.Garbage(50, 3));
        Assert.Throws<InvalidOperationException>(() => _backend.EmbeddingForward(output, weight, empty));
        using var elsewhere = new CpuBatch(new BatchCapacity(Tokens: 4, Documents: 1), new Device("GPU 9, elsewhere"));
        AssertElsewhere("EmbeddingForward", "batch", () => _backend.EmbeddingForward(output, weight, elsewhere));
    }

    [Fact]
    public void Attention_refuses_other_shapes()
    {
        var batch = Numbers.Batch([3]);
        var shape = new AttentionShape(2, 1, 4, 1);
        var (fused, output, sums) = (_memory.Garbage(3, 4, 4), _memory.Garbage(3, 2, 4), _memory.GarbageFloats(3, 2));
        AssertRefused("AttentionForward", "queryKeyValue", () => _backend.AttentionForward(output, sums, output, On(batch), shape));
        AssertRefused("AttentionForward", "logSumExp", () => _backend.AttentionForward(output, output, fused, On(batch), shape));
        AssertRefused("AttentionBackward", "dOutput",
            () => _backend.AttentionBackward(fused, fused, output, sums, fused, On(batch), shape));
        AssertRefused("AttentionForward", "shape",
            () => _backend.AttentionForward(output, sums, fused, On(batch), shape with { QueryHeads = 3, KeyValueHeads = 2 }));
        AssertRefused(
            "AttentionForward", "shape", () => _backend.AttentionForward(output, sums, fused, On(batch), shape with { HeadDim = 3 }));
        AssertRefused(
            "AttentionForward", "shape", () => _backend.AttentionForward(output, sums, fused, On(batch), shape with { Window = -1 }));
    }

    /// <summary>What the operations that read a batch's lists make of one; over a cache, too, where it has pages.</summary>
    private double[] Results(PreparedBatch batch, AttentionShape shape)
    {
        var (rows, width) = (batch.TokenCount, shape.QueryHeads * shape.HeadDim);
        var (fused, dOutput) = AttentionInputs(batch.Batch, shape);
        var fusedTensor = _memory.Of(fused, rows, shape.FusedHeads, shape.HeadDim);
        var (output, sums) = (_memory.Garbage(rows, shape.QueryHeads, shape.HeadDim), _memory.GarbageFloats(rows, shape.QueryHeads));
        var (dFused, dTable) = (_memory.Garbage(rows, shape.FusedHeads, shape.HeadDim), _memory.Garbage(50, width));
        var (selected, embedded) = (_memory.Garbage(batch.Rows.Length, width), _memory.Garbage(rows, width));
        _backend.EmbeddingForward(embedded, dTable, batch);
        _backend.AttentionForward(output, sums, fusedTensor, batch, shape);
        _backend.AttentionBackward(
            dFused, _memory.Of(dOutput, rows, shape.QueryHeads, shape.HeadDim), output, sums, fusedTensor, batch, shape);
        _backend.EmbeddingBackward(dTable, output.Reshape(new Shape(rows, width)), batch);
        _backend.GatherRows(selected, output.Reshape(new Shape(rows, width)), batch);
        double[] results = [.. _memory.Read(embedded), .. _memory.Read(dFused), .. _memory.Read(dTable), .. _memory.Read(selected)];
        if (batch.Pages is null)
        {
            return results;
        }

        var keys = new KeyValuePages(_memory.Garbage(3, 2, 64, 64), _memory.Garbage(3, 2, 64, 64));
        _backend.CacheAppend(keys, fusedTensor, batch, shape);
        _backend.CachedAttention(output, keys, fusedTensor, batch, shape);
        return [.. results, .. _memory.Read(keys.Values), .. _memory.Read(output)];
    }

    private (double[] Fused, double[] DOutput) AttentionInputs(PackedBatch batch, AttentionShape shape) =>
        (Normal(batch.TokenCount * shape.FusedHeads * shape.HeadDim, 1),
            Normal(batch.TokenCount * shape.QueryHeads * shape.HeadDim, 2));

    private (double[] Output, double[] LogSumExp, double[] DFused) RunAttention(
        double[] fused, double[] dOutput, PackedBatch batch, AttentionShape shape)
    {
        var rows = batch.TokenCount;
        var fusedTensor = _memory.Of(fused, rows, shape.FusedHeads, shape.HeadDim);
        var (output, logSumExp) = (_memory.Garbage(rows, shape.QueryHeads, shape.HeadDim), _memory.GarbageFloats(rows, shape.QueryHeads));
        var dFused = _memory.Garbage(rows, shape.FusedHeads, shape.HeadDim);
        _backend.AttentionForward(output, logSumExp, fusedTensor, On(batch), shape);
        _backend.AttentionBackward(
            dFused, _memory.Of(dOutput, rows, shape.QueryHeads, shape.HeadDim), output, logSumExp, fusedTensor, On(batch), shape);
        return (_memory.Read(output), _memory.Read(logSumExp), _memory.Read(dFused));
    }
}
