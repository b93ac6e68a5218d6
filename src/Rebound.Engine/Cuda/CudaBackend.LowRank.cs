using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private static readonly Kernel ScaleKernel = new("columns", "scale_columns");
    private static readonly Kernel DropoutKernel = new("columns", "dropout");

    protected override void LinearForwardCore(ColumnRange output, ColumnRange input, Tensor weight) =>
        Forward(output, input, weight, bias: 0, accumulate: true);

    protected override void LinearBackwardInputCore(ColumnRange dInput, ColumnRange dOutput, Tensor weight) =>
        BackwardInput(dInput, dOutput, weight, accumulate: false);

    protected override void LinearBackwardWeightCore(Tensor dWeight, ColumnRange dOutput, ColumnRange input) =>
        BackwardWeight(dWeight, dOutput, input);

    protected override void ScaleCore(ColumnRange columns, float factor)
    {
        var (matrix, rows, stride) = (columns.Matrix, columns.Matrix.Shape[0], columns.Matrix.Shape[1]);
        var wide = KernelVariant.IsWide(matrix.DType, columns.Count, matrix)
            && KernelVariant.IsWide(matrix.DType, stride) && KernelVariant.IsWide(matrix.DType, columns.First);
        var variant = new KernelVariant(matrix.DType, Wide: wide);
        Launch(
            ScaleKernel, variant, (rows, 1), (ThreadsFor(columns.Count, variant.Lanes), 1), 0,
            AddressOf(columns), stride, columns.Count, factor);
    }

    protected override void DropoutCore(Tensor output, Tensor input, float rate, uint threshold, ulong seed, bool accumulate)
    {
        var (rows, width) = (input.Shape[0], input.Shape[1]);
        var variant = new KernelVariant(input.DType, Wide: KernelVariant.IsWide(input.DType, width, output, input));
        Launch(
            DropoutKernel, variant, (rows, 1), (ThreadsFor(width, variant.Lanes), 1), 0,
            output, input, width, unchecked((long)seed), (long)threshold, 1 / (1 - rate), accumulate);
    }
}
