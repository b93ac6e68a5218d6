using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    [Theory]
    [MemberData(nameof(RowsAndWidths))]
    public void Embedding_matches_the_reference(int rows, int width)
    {
        const int Vocabulary = 11;
        var batch = Numbers.Batch([rows], Vocabulary);
        var (weight, dOutput) = (Normal(Vocabulary * width, 1), Normal(rows * width, 2));
        var (output, dWeight) = (_memory.Garbage(rows, width), _memory.Garbage(Vocabulary, width));
        _backend.EmbeddingForward(output, _memory.Of(weight, Vocabulary, width), On(batch));
        Assert.Equal(ScalarReference.EmbeddingForward(weight, batch.Tokens, width), _memory.Read(output));

        _backend.EmbeddingBackward(dWeight, _memory.Of(dOutput, rows, width), On(batch));
        var expected = ScalarReference.EmbeddingBackward(dOutput, batch.Tokens, width, Vocabulary);
        AssertClose(expected.Plus(_memory.GarbageValues(expected.Length)), dWeight, rows, "dWeight");
    }

    [Fact]
    public void Gather_rows_copies_rows_in_any_order_and_refuses_those_that_are_not_there()
    {
        var input = Normal(5 * 3, 1);
        var (output, inputTensor) = (_memory.Garbage(4, 3), _memory.Of(input, 5, 3));
        var batch = Numbers.Batch([2, 3]);
        _backend.GatherRows(output, inputTensor, On(batch, [4, 0, 4, 2]));
        Assert.Equal([.. input[12..15], .. input[0..3], .. input[12..15], .. input[6..9]], _memory.Read(output));
        AssertRefused("Refill", "rows", () => On(batch, [0, 1, 5, 2]));
        AssertRefused("Refill", "rows", () => On(batch, [0, -1, 2, 2]));
        AssertRefused("GatherRows", "output", () => _backend.GatherRows(output, inputTensor, On(batch, [0, 1])));
        AssertRefused("GatherRows", "input", () => _backend.GatherRows(output, output, On(batch, [0, 1, 2, 3])));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    public void Scatter_rows_puts_rows_in_their_places_and_zeros_elsewhere(int width)
    {
        var input = Normal(3 * width, 1);
        var (output, inputTensor) = (_memory.Garbage(6, width), _memory.Of(input, 3, width));
        var batch = Numbers.Batch([6]);
        _backend.ScatterRows(output, inputTensor, On(batch, [0, 2, 5]));
        var zeros = new double[width];
        Assert.Equal(
            [.. input[..width], .. zeros, .. input[width..(2 * width)], .. zeros, .. zeros, .. input[(2 * width)..]], _memory.Read(output));
        _backend.ScatterRows(output, _memory.Garbage(0, width), On(batch, []));
        Assert.All(_memory.Read(output), value => Assert.Equal(0, value));
        AssertRefused("ScatterRows", "batch", () => _backend.ScatterRows(output, inputTensor, On(batch, [0, 2, 2])));
        AssertRefused("ScatterRows", "input", () => _backend.ScatterRows(output, inputTensor, On(batch, [0, 1])));
        AssertRefused("ScatterRows", "output", () => _backend.ScatterRows(inputTensor, inputTensor, On(batch, [0, 1, 2])));
    }

    [Fact]
    public void A_token_outside_of_the_vocabulary_is_named()
    {
        var batch = new PackedBatch([1, 7, 2], [0, 3]);
        var forward = Assert.Throws<ArgumentException>(
            () => _backend.EmbeddingForward(_memory.Garbage(3, 4), _memory.Garbage(7, 4), On(batch)));
        var backward = Assert.Throws<ArgumentException>(
            () => _backend.EmbeddingBackward(_memory.Garbage(7, 4), _memory.Garbage(3, 4), On(batch)));
        Assert.Contains("token id 7 at row 1", forward.Message, StringComparison.Ordinal);
        Assert.Contains("token id 7 at row 1", backward.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RowsAndWidths))]
    public void Linear_matches_the_reference(int rows, int width)
    {
        const int Outer = 19;
        var (input, weight, bias) = (Normal(rows * width, 1), Normal(Outer * width, 2), Normal(Outer, 3));
        var dOutput = Normal(rows * Outer, 4);
        var (inputTensor, weightTensor) = (_memory.Of(input, rows, width), _memory.Of(weight, Outer, width));
        var (plain, biased) = (_memory.Garbage(rows, Outer), _memory.Garbage(rows, Outer));
        _backend.LinearForward(plain, inputTensor, weightTensor, default);
        AssertClose(ScalarReference.LinearForward(input, weight, null, width, Outer), plain, width, "output");
        _backend.LinearForward(biased, inputTensor, weightTensor, _memory.Of(bias, Outer), accumulate: true);
        var garbage = _memory.GarbageValues(rows * Outer);
        AssertClose(ScalarReference.LinearForward(input, weight, bias, width, Outer).Plus(garbage), biased, width, "output +=");

        var (residual, onTop) = (Normal(rows * Outer, 5), _memory.Garbage(rows, Outer));
        _backend.LinearForward(onTop, inputTensor, weightTensor, default, _memory.Of(residual, rows, Outer));
        AssertClose(ScalarReference.LinearForward(input, weight, null, width, Outer).Plus(residual), onTop, width, "output on top");
        _backend.LinearForward(onTop, inputTensor, weightTensor, _memory.Of(bias, Outer), _memory.Of(residual, rows, Outer));
        AssertClose(ScalarReference.LinearForward(input, weight, bias, width, Outer).Plus(residual), onTop, width, "output on top, biased");

        var (dInput, dWeight, dBias) = ScalarReference.LinearBackward(dOutput, input, weight, width, Outer);
        var dOutputTensor = _memory.Of(dOutput, rows, Outer);
        var (set, added) = (_memory.Garbage(rows, width), _memory.Garbage(rows, width));
        _backend.LinearBackwardInput(set, dOutputTensor, weightTensor);
        AssertClose(dInput, set, Outer, "dInput");
        _backend.LinearBackwardInput(added, dOutputTensor, weightTensor, accumulate: true);
        AssertClose(dInput.Plus(_memory.GarbageValues(dInput.Length)), added, Outer, "dInput +=");

        var (weightGradient, biasGradient) = (_memory.Garbage(Outer, width), _memory.Garbage(Outer));
        _backend.LinearBackwardWeight(weightGradient, biasGradient, dOutputTensor, inputTensor);
        AssertClose(dWeight.Plus(_memory.GarbageValues(dWeight.Length)), weightGradient, rows, "dWeight");
        AssertClose(dBias.Plus(_memory.GarbageValues(Outer)), biasGradient, rows, "dBias");
    }
}
