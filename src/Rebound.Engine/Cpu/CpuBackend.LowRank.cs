using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    protected override void LinearForwardCore(ColumnRange output, ColumnRange input, Tensor weight)
    {
        _gemm.Multiply(MatrixProduct.Of(
            output.Matrix.Shape[0], output.Count, input.Count, View(input), new MatrixView(weight.Address, input.Count, Transposed: true),
            Floats(output), output.Matrix.Shape[1], accumulate: true));
    }

    protected override void LinearBackwardInputCore(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        _gemm.Multiply(MatrixProduct.Of(
            dInput.Matrix.Shape[0], dInput.Count, dOutput.Count, View(dOutput), new MatrixView(weight.Address, dInput.Count),
            Floats(dInput), dInput.Matrix.Shape[1], accumulate: false));
    }

    protected override void LinearBackwardWeightCore(Tensor dWeight, ColumnRange dOutput, ColumnRange input)
    {
        _gemm.Multiply(MatrixProduct.Of(
            dOutput.Count, input.Count, input.Matrix.Shape[0], View(dOutput) with { Transposed = true }, View(input),
            Floats(dWeight), input.Count, accumulate: true));
    }

    protected override void ScaleCore(ColumnRange columns, float factor)
    {
        var kernel = new ScaleKernel { First = Floats(columns), Stride = columns.Matrix.Shape[1], Width = columns.Count, Factor = factor };
        Rows.Run(_pool, kernel, columns.Matrix.Shape[0], 2L * columns.Count * sizeof(float));
    }

    protected override void DropoutCore(Tensor output, Tensor input, float rate, uint threshold, ulong seed, bool accumulate)
    {
        var (rows, width) = (input.Shape[0], input.Shape[1]);
        var kernel = new DropoutKernel
        {
            Output = Floats(output),
            Input = Floats(input),
            Width = width,
            Seed = seed,
            Threshold = threshold,
            Factor = 1 / (1 - rate),
            Accumulate = accumulate,
        };
        Rows.Run(_pool, kernel, rows, 3L * width * sizeof(float));
    }

    private static float* Floats(ColumnRange columns) => Floats(columns.Matrix) + columns.First;

    private static MatrixView View(ColumnRange columns) => new((nint)Floats(columns), columns.Matrix.Shape[1]);
}
