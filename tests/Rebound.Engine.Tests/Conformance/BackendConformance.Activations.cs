using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    [Theory]
    [MemberData(nameof(RowsAndWidths))]
    [InlineData(37, 1024)]
    [InlineData(37, 1032)]
    [InlineData(5, 4096)]
    [InlineData(2, 4099)]
    [InlineData(3, 16400)]
    [InlineData(700, 1032)]
    [InlineData(1999, 17)]
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
        _backend.RmsNormBackward(dInput, dWeight, default, dOutputTensor, inputTensor, weightTensor, reciprocal);
        var backward = ScalarReference.RmsNormBackward(dOutput, input, weight, Epsilon);
        AssertClose(backward.DInput.Plus(_memory.GarbageValues(input.Length)), dInput, width, "dInput");
        AssertClose(backward.DWeight.Plus(_memory.GarbageValues(width)), dWeight, rows, "dWeight");

        var frozen = _memory.Garbage(rows, width);
        var again = _memory.Garbage(rows, width);
        _backend.RmsNormBackward(frozen, default, again, dOutputTensor, inputTensor, weightTensor, reciprocal);
        Assert.Equal(_memory.Read(dInput), _memory.Read(frozen));
        Assert.Equal(_memory.Read(output), _memory.Read(again));

        var (inPlace, sameWeight) = (_memory.Garbage(rows, width), _memory.Garbage(width));
        _backend.RmsNormBackward(inPlace, sameWeight, dOutputTensor, dOutputTensor, inputTensor, weightTensor, reciprocal);
        Assert.Equal(_memory.Read(dInput), _memory.Read(inPlace));
        Assert.Equal(_memory.Read(dWeight), _memory.Read(sameWeight));
        Assert.Equal(_memory.Read(output), _memory.Read(dOutputTensor));
    }

    [Fact]
    public void Rms_norm_refuses_other_shapes()
    {
        var (square, row, column) = (_memory.Garbage(4, 6), _memory.Garbage(6), _memory.GarbageFloats(4));
        AssertRefused("RmsNormForward", "output", () => _backend.RmsNormForward(row, column, square, row, 1e-5f));
        AssertRefused("RmsNormForward", "reciprocalRms", () => _backend.RmsNormForward(square, row, square, row, 1e-5f));
        AssertRefused("RmsNormForward", "weight", () => _backend.RmsNormForward(square, column, square, column, 1e-5f));
        AssertRefused("RmsNormBackward", "dWeight", () => _backend.RmsNormBackward(square, column, default, square, square, row, column));
        AssertRefused("RmsNormBackward", "output", () => _backend.RmsNormBackward(square, row, row, square, square, row, column));
        AssertRefused("RmsNormBackward", "dOutput", () => _backend.RmsNormBackward(square, row, default, default, square, row, column));
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
        _backend.SwiGluBackward(dGateUp, default, dOutputTensor, gateUpTensor);
        AssertClose(ScalarReference.SwiGluBackward(dOutput, gateUp, width), dGateUp, 1, "dGateUp");

        var (same, again) = (_memory.Garbage(rows, 2 * width), _memory.Garbage(rows, width));
        _backend.SwiGluBackward(same, again, dOutputTensor, gateUpTensor);
        Assert.Equal(_memory.Read(dGateUp), _memory.Read(same));
        Assert.Equal(_memory.Read(output), _memory.Read(again));

        _backend.SwiGluBackward(gateUpTensor, dOutputTensor, dOutputTensor, gateUpTensor);
        Assert.Equal(_memory.Read(dGateUp), _memory.Read(gateUpTensor));
        Assert.Equal(_memory.Read(output), _memory.Read(dOutputTensor));
    }

    [Fact]
    public void Swi_glu_of_extreme_gates_is_finite()
    {
        var gates = Precision.Round([-1e30, -200, -104, -88, 0, 88, 104, 200, 1e30], _memory.Element);
        double[] gateUp = [.. gates, .. gates.Select(_ => 1.0)];
        var (output, dGateUp) = (_memory.Garbage(1, 9), _memory.Garbage(1, 18));
        var gateUpTensor = _memory.Of(gateUp, 1, 18);
        _backend.SwiGluForward(output, gateUpTensor);
        var again = _memory.Garbage(1, 9);
        _backend.SwiGluBackward(dGateUp, again, _memory.Of([.. gates.Select(_ => 1.0)], 1, 9), gateUpTensor);
        Assert.Equal(_memory.Read(output), _memory.Read(again));
        Assert.Equal([0, 0, 0, 0, 0, 88, 104, 200, gates[8]], _memory.Read(output).Select(x => Math.Abs(x) < 1e-30 ? 0 : x));
        Assert.All(_memory.Read(dGateUp), value => Assert.True(double.IsFinite(value)));
        Assert.Equal([0, 0, 0, 0, 0.5, 1, 1, 1, 1], _memory.Read(dGateUp)[..9].Select(x => Math.Abs(x) < 1e-30 ? 0 : x));
    }

    [Fact]
    public void Swi_glu_refuses_other_shapes()
    {
        AssertRefused("SwiGluForward", "gateUp", () => _backend.SwiGluForward(_memory.Garbage(2, 4), _memory.Garbage(2, 4)));
        AssertRefused("SwiGluBackward", "dGateUp",
            () => _backend.SwiGluBackward(_memory.Garbage(2, 4), default, _memory.Garbage(2, 4), _memory.Garbage(2, 8)));
        AssertRefused("SwiGluBackward", "output",
            () => _backend.SwiGluBackward(_memory.Garbage(2, 8), _memory.Garbage(2, 8), _memory.Garbage(2, 4), _memory.Garbage(2, 8)));
    }
}
