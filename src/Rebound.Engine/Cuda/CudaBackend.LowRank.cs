using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private static readonly Kernel ScaleKernel = new("columns", "scale_columns");
    private static readonly Kernel DropoutKernel = new("columns", "dropout");

    public override void LinearForward(ColumnRange output, ColumnRange input, Tensor weight)
    {
        var type = TypeOf(output);
        var tokens = Expect.Columns(output, type);
        Expect.Columns(input, type, tokens);
        Expect.Elements(weight, type, new Shape(output.Count, input.Count));
        Forward(output, input, weight, bias: 0, accumulate: true);
    }

    public override void LinearBackwardInput(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        var type = TypeOf(dInput);
        var tokens = Expect.Columns(dInput, type);
        Expect.Columns(dOutput, type, tokens);
        Expect.Elements(weight, type, new Shape(dOutput.Count, dInput.Count));
        BackwardInput(dInput, dOutput, weight, accumulate: false);
    }

    public override void LinearBackwardWeight(Tensor dWeight, ColumnRange dOutput, ColumnRange input)
    {
        var type = TypeOf(dOutput);
        var tokens = Expect.Columns(dOutput, type);
        Expect.Columns(input, type, tokens);
        Expect.Floating(dWeight, new Shape(dOutput.Count, input.Count));
        BackwardWeight(dWeight, dOutput, input);
    }

    public override void Scale(ColumnRange columns, float factor)
    {
        var rows = Expect.Columns(columns, TypeOf(columns));
        var (matrix, stride) = (columns.Matrix, columns.Matrix.Shape[1]);
        var wide = KernelVariant.IsWide(matrix.DType, columns.Count, matrix)
            && KernelVariant.IsWide(matrix.DType, stride) && KernelVariant.IsWide(matrix.DType, columns.First);
        var variant = new KernelVariant(matrix.DType, Wide: wide);
        Launch(
            ScaleKernel, variant, (rows, 1), (ThreadsFor(columns.Count, variant.Lanes), 1), 0,
            AddressOf(columns), stride, columns.Count, factor);
    }

    public override void Dropout(Tensor output, Tensor input, float rate, ulong seed, bool accumulate = false)
    {
        Expect.FloatingMatrix(input);
        Expect.Elements(output, input.DType, input.Shape);
        var (rows, width, threshold) = (input.Shape[0], input.Shape[1], DropoutMask.Threshold(rate));
        var variant = new KernelVariant(input.DType, Wide: KernelVariant.IsWide(input.DType, width, output, input));
        Launch(
            DropoutKernel, variant, (rows, 1), (ThreadsFor(width, variant.Lanes), 1), 0,
            output, input, width, unchecked((long)seed), (long)threshold, 1 / (1 - rate), accumulate);
    }

    /// <summary>The type that the other tensors of a call must have: the first one's, or fp32 where that is none to compute on.</summary>
    private static DType TypeOf(ColumnRange columns) =>
        columns.Matrix.DType == DType.BFloat16 ? DType.BFloat16 : DType.Float32;
}
