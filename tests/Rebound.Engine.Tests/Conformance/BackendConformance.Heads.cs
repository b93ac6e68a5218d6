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
        _backend.RotaryForward(forward, table, batch, shape);
        _backend.RotaryBackward(backward, table, batch, shape);
        AssertClose(ScalarReference.Rotary(heads, cosines, sines, batch.Positions, shape, 1), forward, 2, "forward");
        AssertClose(ScalarReference.Rotary(heads, cosines, sines, batch.Positions, shape, -1), backward, 2, "backward");
    }

    [Fact]
    public void Rotary_refuses_a_table_that_ends_before_the_batch()
    {
        var shape = new AttentionShape(1, 1, 4, 1);
        var table = new RotaryTable(_memory.GarbageFloats(5, 2), _memory.GarbageFloats(5, 2));
        var batch = Numbers.Batch([2, 3], firstPositions: [0, 3]);
        AssertRefused("RotaryForward", "rotary", () => _backend.RotaryForward(_memory.Garbage(5, 3, 4), table, batch, shape));
        AssertRefused("RotaryBackward", "dQueryKeyValue", () => _backend.RotaryBackward(_memory.Garbage(5, 2, 4), table, batch, shape));
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
        Close.Assert(ScalarReference.AttentionBackward(dOutput, fused, batch, shape), dFused, terms * shape.GroupSize, "dQueryKeyValue", _memory.Element);
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
    public void Attention_refuses_other_shapes()
    {
        var batch = Numbers.Batch([3]);
        var shape = new AttentionShape(2, 1, 4, 1);
        var (fused, output, sums) = (_memory.Garbage(3, 4, 4), _memory.Garbage(3, 2, 4), _memory.GarbageFloats(3, 2));
        AssertRefused("AttentionForward", "queryKeyValue", () => _backend.AttentionForward(output, sums, output, batch, shape));
        AssertRefused("AttentionForward", "logSumExp", () => _backend.AttentionForward(output, output, fused, batch, shape));
        AssertRefused("AttentionBackward", "dOutput",
            () => _backend.AttentionBackward(fused, fused, output, sums, fused, batch, shape));
        AssertRefused("AttentionForward", "shape",
            () => _backend.AttentionForward(output, sums, fused, batch, shape with { QueryHeads = 3, KeyValueHeads = 2 }));
        AssertRefused("AttentionForward", "shape", () => _backend.AttentionForward(output, sums, fused, batch, shape with { HeadDim = 3 }));
        AssertRefused("AttentionForward", "shape", () => _backend.AttentionForward(output, sums, fused, batch, shape with { Window = -1 }));
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
        _backend.AttentionForward(output, logSumExp, fusedTensor, batch, shape);
        _backend.AttentionBackward(
            dFused, _memory.Of(dOutput, rows, shape.QueryHeads, shape.HeadDim), output, logSumExp, fusedTensor, batch, shape);
        return (_memory.Read(output), _memory.Read(logSumExp), _memory.Read(dFused));
    }
}
