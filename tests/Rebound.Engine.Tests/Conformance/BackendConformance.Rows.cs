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
        _backend.EmbeddingForward(output, _memory.Of(weight, Vocabulary, width), batch);
        Assert.Equal(ScalarReference.EmbeddingForward(weight, batch.Tokens, width), _memory.Read(output));

        _backend.EmbeddingBackward(dWeight, _memory.Of(dOutput, rows, width), batch);
        var expected = ScalarReference.EmbeddingBackward(dOutput, batch.Tokens, width, Vocabulary);
        AssertClose(expected.Plus(_memory.GarbageValues(expected.Length)), dWeight, rows, "dWeight");
    }

    [Fact]
    public void Gather_rows_copies_rows_in_any_order_and_refuses_those_that_are_not_there()
    {
        var input = Normal(5 * 3, 1);
        var (output, inputTensor) = (_memory.Garbage(4, 3), _memory.Of(input, 5, 3));
        _backend.GatherRows(output, inputTensor, [4, 0, 4, 2]);
        Assert.Equal([.. input[12..15], .. input[0..3], .. input[12..15], .. input[6..9]], _memory.Read(output));
        AssertRefused("GatherRows", "rows", () => _backend.GatherRows(output, inputTensor, [0, 1, 5, 2]));
        AssertRefused("GatherRows", "rows", () => _backend.GatherRows(output, inputTensor, [0, -1, 2, 2]));
        AssertRefused("GatherRows", "output", () => _backend.GatherRows(output, inputTensor, [0, 1]));
    }

    [Fact]
    public void A_token_outside_of_the_vocabulary_is_named()
    {
        var batch = new PackedBatch([1, 7, 2], [0, 3]);
        var forward = Assert.Throws<ArgumentException>(
            () => _backend.EmbeddingForward(_memory.Garbage(3, 4), _memory.Garbage(7, 4), batch));
        var backward = Assert.Throws<ArgumentException>(
            () => _backend.EmbeddingBackward(_memory.Garbage(7, 4), _memory.Garbage(3, 4), batch));
        Assert.Contains("token id 7 at row 1", forward.Message, StringComparison.Ordinal);
        Assert.Contains("token id 7 at row 1", backward.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RowsAndWidths))]
    public void Rms_norm_matches_the_reference(int rows, int width)
    {
        const float Epsilon = 1e-5f;
        var (input, weight, dOutput) = (Normal(rows * width, 1), Normal(width, 2, mean: 1), Normal(rows * width, 3));
        var (output, reciprocal) = (_memory.Garbage(rows, width), _memory.GarbageFloats(rows));
        var (inputTensor, weightTensor) = (_memory.Of(input, rows, width), _memory.Of(weight, width));
        _backend.RmsNormForward(output, reciprocal, inputTensor, weightTensor, Epsilon);
        var expected = ScalarReference.RmsNormForward(input, weight, Epsilon);
        AssertClose(expected.Output, output, width, "output");
        AssertClose(expected.ReciprocalRms, reciprocal, width, "reciprocalRms");

        var (dInput, dWeight) = (_memory.Garbage(rows, width), _memory.Garbage(width));
        var dOutputTensor = _memory.Of(dOutput, rows, width);
        _backend.RmsNormBackward(dInput, dWeight, dOutputTensor, inputTensor, weightTensor, reciprocal);
        var backward = ScalarReference.RmsNormBackward(dOutput, input, weight, Epsilon);
        AssertClose(backward.DInput.Plus(_memory.GarbageValues(input.Length)), dInput, width, "dInput");
        AssertClose(backward.DWeight.Plus(_memory.GarbageValues(width)), dWeight, rows, "dWeight");

        var frozen = _memory.Garbage(rows, width);
        _backend.RmsNormBackward(frozen, default, dOutputTensor, inputTensor, weightTensor, reciprocal);
        Assert.Equal(_memory.Read(dInput), _memory.Read(frozen));
    }

    [Fact]
    public void Rms_norm_refuses_other_shapes()
    {
        var (square, row, column) = (_memory.Garbage(4, 6), _memory.Garbage(6), _memory.GarbageFloats(4));
        AssertRefused("RmsNormForward", "output", () => _backend.RmsNormForward(row, column, square, row, 1e-5f));
        AssertRefused("RmsNormForward", "reciprocalRms", () => _backend.RmsNormForward(square, row, square, row, 1e-5f));
        AssertRefused("RmsNormForward", "weight", () => _backend.RmsNormForward(square, column, square, column, 1e-5f));
        AssertRefused("RmsNormBackward", "dWeight", () => _backend.RmsNormBackward(square, column, square, square, row, column));
        AssertRefused("RmsNormBackward", "dOutput", () => _backend.RmsNormBackward(square, row, default, square, row, column));
    }

    [Theory]
    [MemberData(nameof(RowsAndWidths))]
    public void Swi_glu_matches_the_reference(int rows, int width)
    {
        var (gateUp, dOutput) = (Normal(rows * 2 * width, 1, deviation: 6), Normal(rows * width, 2));
        var (output, dGateUp) = (_memory.Garbage(rows, width), _memory.Garbage(rows, 2 * width));
        var gateUpTensor = _memory.Of(gateUp, rows, 2 * width);
        _backend.SwiGluForward(output, gateUpTensor);
        AssertClose(ScalarReference.SwiGluForward(gateUp, width), output, 1, "output");

        var dOutputTensor = _memory.Of(dOutput, rows, width);
        _backend.SwiGluBackward(dGateUp, dOutputTensor, gateUpTensor);
        AssertClose(ScalarReference.SwiGluBackward(dOutput, gateUp, width), dGateUp, 1, "dGateUp");

        _backend.SwiGluBackward(gateUpTensor, dOutputTensor, gateUpTensor);
        Assert.Equal(_memory.Read(dGateUp), _memory.Read(gateUpTensor));
    }

    [Fact]
    public void Swi_glu_of_extreme_gates_is_finite()
    {
        var gates = Precision.Round([-1e30, -200, -104, -88, 0, 88, 104, 200, 1e30], _memory.Element);
        double[] gateUp = [.. gates, .. gates.Select(_ => 1.0)];
        var (output, dGateUp) = (_memory.Garbage(1, 9), _memory.Garbage(1, 18));
        var gateUpTensor = _memory.Of(gateUp, 1, 18);
        _backend.SwiGluForward(output, gateUpTensor);
        _backend.SwiGluBackward(dGateUp, _memory.Of([.. gates.Select(_ => 1.0)], 1, 9), gateUpTensor);
        Assert.Equal([0, 0, 0, 0, 0, 88, 104, 200, gates[8]], _memory.Read(output).Select(x => Math.Abs(x) < 1e-30 ? 0 : x));
        Assert.All(_memory.Read(dGateUp), value => Assert.True(double.IsFinite(value)));
        Assert.Equal([0, 0, 0, 0, 0.5, 1, 1, 1, 1], _memory.Read(dGateUp)[..9].Select(x => Math.Abs(x) < 1e-30 ? 0 : x));
    }

    [Fact]
    public void Swi_glu_refuses_other_shapes()
    {
        AssertRefused("SwiGluForward", "gateUp", () => _backend.SwiGluForward(_memory.Garbage(2, 4), _memory.Garbage(2, 4)));
        AssertRefused("SwiGluBackward", "dGateUp",
            () => _backend.SwiGluBackward(_memory.Garbage(2, 4), _memory.Garbage(2, 4), _memory.Garbage(2, 8)));
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
