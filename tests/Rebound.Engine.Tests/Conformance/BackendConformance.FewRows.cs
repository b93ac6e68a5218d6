using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    /// <summary>Rows, and columns of the output and the input, as decoding has them.</summary>
    public static TheoryData<int, int, int> FewRowCases
    {
        get
        {
            var cases = new TheoryData<int, int, int>();
            foreach (var rows in new[] { 1, 3, 8, 9, 16, 17, 32, 33, 64, 65 })
            {
                cases.Add(rows, 960, 576);
                cases.Add(rows, 19, 64);
            }

            foreach (var rows in new[] { 1, 2, 24, 64 })
            {
                cases.Add(rows, 576, 1536);
                cases.Add(rows, 33, 4096);
                cases.Add(rows, 50, 70);
            }

            cases.Add(5, 3072, 576);
            cases.Add(1, 16400, 576);
            cases.Add(2, 4096, 1024);
            cases.Add(33, 8200, 128);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(FewRowCases))]
    public void Linear_of_few_rows_matches_the_reference(int rows, int outer, int inner)
    {
        var (input, weight, bias) = (Normal(rows * inner, 1), Weights(outer, inner), Normal(outer, 3));
        var (inputTensor, weightTensor) = (_memory.Of(input, rows, inner), _memory.Of(weight, outer, inner));
        var biasTensor = _memory.Of(bias, outer);
        var expected = ScalarReference.LinearForward(input, weight, null, inner, outer);
        var biased = ScalarReference.LinearForward(input, weight, bias, inner, outer);
        var (plain, added, logits) = (_memory.Garbage(rows, outer), _memory.Garbage(rows, outer), _memory.GarbageFloats(rows, outer));
        _backend.LinearForward(plain, inputTensor, weightTensor, default);
        AssertClose(expected, plain, inner, "output");
        _backend.LinearForward(added, inputTensor, weightTensor, biasTensor, accumulate: true);
        AssertClose(biased.Plus(_memory.GarbageValues(rows * outer)), added, inner, "output +=");
        _backend.LinearForward(logits, inputTensor, weightTensor, default);
        AssertClose(expected, logits, inner, "logits");
        var (residual, onTop) = (Normal(rows * outer, 5), _memory.Garbage(rows, outer));
        _backend.LinearForward(onTop, inputTensor, weightTensor, biasTensor, _memory.Of(residual, rows, outer));
        AssertClose(biased.Plus(residual), onTop, inner, "output on top");
    }

    [Theory]
    [MemberData(nameof(FewRowCases))]
    public void A_norm_and_a_linear_layer_in_one_match_the_reference(int rows, int outer, int inner)
    {
        const float Epsilon = 1e-5f;
        var (input, norm) = (Normal(rows * inner, 1, deviation: 3), Normal(inner, 2, mean: 1));
        var (weight, bias) = (Weights(outer, inner), Normal(outer, 4));
        var normed = ScalarReference.RmsNormForward(input, norm, Epsilon).Output;
        var product = ScalarReference.LinearForward(normed, weight, bias, inner, outer);
        var (weightTensor, biasTensor) = (_memory.Of(weight, outer, inner), _memory.Of(bias, outer));
        var room = new NormedInput(
            _memory.Of(input, rows, inner), _memory.Of(norm, inner), Epsilon, _memory.Garbage(rows, inner), _memory.GarbageFloats(rows));
        var output = _memory.Garbage(rows, outer);
        _backend.NormLinearForward(output, room, weightTensor, biasTensor);
        Close.Assert(product, _memory.Read(output), inner, "output", _memory.Element, roundings: 2);
        if (outer % 2 == 0)
        {
            var half = outer / 2;
            var (gated, scratch) = (_memory.Garbage(rows, half), _memory.Garbage(rows, outer));
            _backend.NormGatedForward(gated, scratch, room, weightTensor, biasTensor);
            Close.Assert(
                ScalarReference.SwiGluForward(product, half), _memory.Read(gated), inner, "gated output", _memory.Element, roundings: 3);
        }
    }

    [Theory]
    [InlineData(1, 2, 2, 16)]
    [InlineData(5, 6, 2, 24)]
    [InlineData(70, 9, 3, 64)]
    [InlineData(3, 3, 1, 6)]
    [InlineData(2, 8, 8, 128)]
    public void Rotation_and_appending_in_one_leave_rotated_heads_in_both_places(int rows, int heads, int keyValueHeads, int headDim)
    {
        var shape = new AttentionShape(heads, keyValueHeads, headDim, 1);
        var batch = Numbers.Batch([rows, 1], firstPositions: [3, 64]);
        var fused = Normal(batch.TokenCount * shape.FusedHeads * headDim, 1);
        var (cosines, sines) = Numbers.RotaryAngles(128, headDim);
        var table = new RotaryTable(_memory.Floats(cosines, 128, headDim / 2), _memory.Floats(sines, 128, headDim / 2));
        var tensor = _memory.Of(fused, batch.TokenCount, shape.FusedHeads, headDim);
        var (cache, pages) = Pages([rows + 3, 65], shape);
        _backend.RotaryAppend(cache, tensor, table, On(batch, pages), shape);
        var rotated = _memory.Read(tensor);
        AssertClose(ScalarReference.Rotary(fused, cosines, sines, batch.Positions, shape, sign: 1), tensor, 2, "heads");

        var (keys, values) = (_memory.Read(cache.Keys), _memory.Read(cache.Values));
        var slots = new int[batch.TokenCount];
        pages.PlaceTokens(batch, slots);
        for (var t = 0; t < slots.Length; t++)
        {
            for (var h = 0; h < keyValueHeads; h++)
            {
                var (page, place) = Math.DivRem(slots[t], PageTable.PageTokens);
                var at = ((((page * keyValueHeads) + h) * PageTable.PageTokens) + place) * headDim;
                var key = ((t * shape.FusedHeads) + heads + h) * headDim;
                var value = key + (keyValueHeads * headDim);
                Assert.Equal(rotated[key..(key + headDim)], keys[at..(at + headDim)]);
                Assert.Equal(fused[value..(value + headDim)], values[at..(at + headDim)]);
            }
        }
    }

    [Theory]
    [InlineData(9, 3, 64, 0, 540)]
    [InlineData(8, 8, 128, 0, 63, 64, 65, 1)]
    [InlineData(4, 1, 128, 100, 700, 99, 100)]
    [InlineData(6, 2, 24, 0, 200, 3)]
    [InlineData(2, 1, 80, 0, 1, 1, 129)]
    [InlineData(20, 2, 64, 0, 1300)]
    public void Rotation_appending_and_attention_in_one_come_to_what_they_come_to_apart(
        int heads, int keyValueHeads, int headDim, int window, params int[] lengths)
    {
        var shape = new AttentionShape(heads, keyValueHeads, headDim, (float)(1 / Math.Sqrt(headDim)), window);
        var batch = Numbers.Batch([.. lengths.Select(_ => 1)], firstPositions: [.. lengths.Select(length => length - 1)]);
        var fused = Normal(batch.TokenCount * shape.FusedHeads * headDim, 1);
        var (cosines, sines) = Numbers.RotaryAngles(lengths.Max(), headDim);
        var table = new RotaryTable(_memory.Floats(cosines, lengths.Max(), headDim / 2), _memory.Floats(sines, lengths.Max(), headDim / 2));
        var (cache, pages) = Pages(lengths, shape);
        Tensor Heads() => _memory.Of(fused, batch.TokenCount, shape.FusedHeads, headDim);
        var (atOnce, apart) = (_memory.Garbage(lengths.Length, heads, headDim), _memory.Garbage(lengths.Length, heads, headDim));

        _backend.RotaryAttention(atOnce, cache, Heads(), table, On(batch, pages), shape);
        var (keys, values) = (_memory.Read(cache.Keys), _memory.Read(cache.Values));
        var rotated = Heads();
        _backend.RotaryAppend(cache, rotated, table, On(batch, pages), shape);
        _backend.CachedAttention(apart, cache, rotated, On(batch, pages), shape);

        AssertClose(_memory.Read(apart), atOnce, lengths.Max(), "attention");
        AssertClose(_memory.Read(cache.Keys), _memory.Of(keys, [.. Enumerable.Range(0, 4).Select(i => cache.Keys.Shape[i])]), 2, "keys");
        Assert.Equal(_memory.Read(cache.Values), values);
    }

    [Fact]
    public void Operations_in_one_refuse_other_shapes()
    {
        var (square, row, column) = (_memory.Garbage(4, 6), _memory.Garbage(6), _memory.GarbageFloats(4));
        var (weight, room) = (_memory.Garbage(6, 6), new NormedInput(square, row, 1e-5f, square, column));
        AssertRefused("NormLinearForward", "output", () => _backend.NormLinearForward(row, room, weight, default));
        AssertRefused("NormLinearForward", "input.Weight",
            () => _backend.NormLinearForward(square, room with { Weight = column }, weight, default));
        AssertRefused("NormLinearForward", "bias", () => _backend.NormLinearForward(square, room, weight, column));
        AssertRefused("NormGatedForward", "gateUp", () => _backend.NormGatedForward(square, row, room, weight, default));
        AssertRefused("NormGatedForward", "output", () => _backend.NormGatedForward(square, square, room, weight, default));
    }

    /// <summary>A layer's weights, with which outputs are as large as inputs.</summary>
    private double[] Weights(int outer, int inner) => Normal(outer * inner, 2, deviation: 1 / Math.Sqrt(inner));
}
