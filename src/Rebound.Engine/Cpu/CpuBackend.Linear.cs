using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate, bool mayRound)
    {
        var (tokens, inner, outer) = (input.Shape[0], input.Shape[1], weight.Shape[0]);
        Linear.Forward(
            _gemm, Floats(output), Floats(input), MatrixView.Of(weight), Floats(bias), tokens, inner, outer, accumulate, mayRound);
    }

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound)
    {
        LinearForwardCore(output, input, weight, bias, accumulate: false, mayRound);
        AddCore(output, residual);
    }

    protected override void LinearBackwardInputCore(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate)
    {
        var (tokens, outer, inner) = (dOutput.Shape[0], dOutput.Shape[1], weight.Shape[1]);
        Linear.BackwardInput(_gemm, Floats(dInput), Floats(dOutput), MatrixView.Of(weight), tokens, inner, outer, accumulate);
    }

    protected override void LinearBackwardWeightCore(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input)
    {
        var (tokens, outer, inner) = (dOutput.Shape[0], dOutput.Shape[1], input.Shape[1]);
        Linear.BackwardWeight(_gemm, Floats(dWeight), Floats(dOutput), Floats(input), tokens, inner, outer);
        if (!dBias.IsEmpty)
        {
            Linear.BackwardBias(_pool, Floats(dBias), Floats(dOutput), tokens, outer);
        }
    }
}
