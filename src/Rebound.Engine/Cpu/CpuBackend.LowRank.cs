using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override void LinearForward(ColumnRange output, ColumnRange input, Tensor weight)
    {
        var tokens = Expect.Columns(output);
        Expect.Columns(input, tokens);
        Expect.Floats(weight, new Shape(output.Count, input.Count));
        _gemm.Multiply(MatrixProduct.Of(
            tokens, output.Count, input.Count, View(input), new MatrixView(weight.Address, input.Count, Transposed: true), Floats(output),
            output.Matrix.Shape[1], accumulate: true));
    }

    public override void LinearBackwardInput(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        var tokens = Expect.Columns(dInput);
        Expect.Columns(dOutput, tokens);
        Expect.Floats(weight, new Shape(dOutput.Count, dInput.Count));
        _gemm.Multiply(MatrixProduct.Of(
            tokens, dInput.Count, dOutput.Count, View(dOutput), new MatrixView(weight.Address, dInput.Count), Floats(dInput),
            dInput.Matrix.Shape[1], accumulate: false));
    }

    public override void LinearBackwardWeight(Tensor dWeight, ColumnRange dOutput, ColumnRange input)
    {
        var tokens = Expect.Columns(dOutput);
        Expect.Columns(input, tokens);
        Expect.Floats(dWeight, new Shape(dOutput.Count, input.Count));
        _gemm.Multiply(MatrixProduct.Of(
            dOutput.Count, input.Count, tokens, View(dOutput) with { Transposed = true }, View(input), Floats(dWeight), input.Count,
            accumulate: true));
    }

    public override void Scale(ColumnRange columns, float factor)
    {
        var rows = Expect.Columns(columns);
        var kernel = new ScaleKernel { First = Floats(columns), Stride = columns.Matrix.Shape[1], Width = columns.Count, Factor = factor };
        Rows.Run(_pool, kernel, rows, 2L * columns.Count * sizeof(float));
    }

    public override void Dropout(Tensor output, Tensor input, float rate, ulong seed, bool accumulate = false)
    {
        Expect.Matrix(input);
        Expect.Floats(output, input.Shape);
        var (rows, width) = (input.Shape[0], input.Shape[1]);
        var kernel = new DropoutKernel
        {
            Output = Floats(output),
            Input = Floats(input),
            Width = width,
            Seed = seed,
            Threshold = DropoutMask.Threshold(rate),
            Factor = 1 / (1 - rate),
            Accumulate = accumulate,
        };
        Rows.Run(_pool, kernel, rows, 3L * width * sizeof(float));
    }

    private static float* Floats(ColumnRange columns) => Floats(columns.Matrix) + columns.First;

    private static MatrixView View(ColumnRange columns) => new((nint)Floats(columns), columns.Matrix.Shape[1]);
}
