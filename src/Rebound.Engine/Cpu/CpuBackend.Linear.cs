using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate = false)
    {
        Expect.Matrix(input);
        Expect.Matrix(weight);
        var (tokens, inner, outer) = (input.Shape[0], input.Shape[1], weight.Shape[0]);
        Expect.Floats(weight, new Shape(outer, inner));
        Expect.Floats(output, new Shape(tokens, outer));
        Expect.FloatsOrEmpty(bias, new Shape(outer));
        Linear.Forward(_gemm, Floats(output), Floats(input), Floats(weight), Floats(bias), tokens, inner, outer, accumulate);
    }

    public override void LinearBackwardInput(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate = false)
    {
        Expect.Matrix(dOutput);
        Expect.Matrix(weight);
        var (tokens, outer, inner) = (dOutput.Shape[0], dOutput.Shape[1], weight.Shape[1]);
        Expect.Floats(weight, new Shape(outer, inner));
        Expect.Floats(dInput, new Shape(tokens, inner));
        Linear.BackwardInput(_gemm, Floats(dInput), Floats(dOutput), Floats(weight), tokens, inner, outer, accumulate);
    }

    public override void LinearBackwardWeight(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input)
    {
        Expect.Matrix(input);
        Expect.Matrix(dOutput);
        var (tokens, outer, inner) = (dOutput.Shape[0], dOutput.Shape[1], input.Shape[1]);
        Expect.Floats(input, new Shape(tokens, inner));
        Expect.Floats(dWeight, new Shape(outer, inner));
        Expect.FloatsOrEmpty(dBias, new Shape(outer));
        Linear.BackwardWeight(_gemm, Floats(dWeight), Floats(dOutput), Floats(input), tokens, inner, outer);
        if (!dBias.IsEmpty)
        {
            Linear.BackwardBias(_pool, Floats(dBias), Floats(dOutput), tokens, outer);
        }
    }
}
