using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private static readonly Kernel ColumnSumsKernel = new("reduction", "column_sums");

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate, bool mayRound) =>
        Forward(All(output), All(input), weight, bias.Address, accumulate);

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound) =>
        Forward(All(output), All(input), weight, bias.Address, accumulate: true, residual.Address);

    protected override void LinearBackwardInputCore(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate) =>
        BackwardInput(All(dInput), All(dOutput), weight, accumulate);

    protected override void LinearBackwardWeightCore(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input)
    {
        var (tokens, outer) = (dOutput.Shape[0], dOutput.Shape[1]);
        BackwardWeight(dWeight, All(dOutput), All(input));
        if (!dBias.IsEmpty)
        {
            var runs = Math.Clamp(tokens / 64, 1, 64);
            var parts = _workspace.Reserve((long)runs * outer * sizeof(float));
            Launch(
                ColumnSumsKernel, new KernelVariant(dOutput.DType), (Blocks(outer, 32), runs), (32, 16), 0,
                parts, dOutput, tokens, outer);
            AddParts(dBias, parts, runs, outer, outer);
        }
    }

    /// <summary>Row-major <c>Y = X·Wᵀ</c> is column-major <c>Yᵀ = op(W)·X</c>.</summary>
    /// <param name="added">What is added, of the output's shape and stride; 0: the output, if it accumulates.</param>
    private void Forward(ColumnRange output, ColumnRange input, Tensor weight, nint bias, bool accumulate, nint added = 0)
    {
        var addend = accumulate && added == 0 ? AddressOf(output) : added;
        if (weight.DType.IsQuantized())
        {
            if (IsAll(input) && TakesBlockProduct(input.Matrix, weight))
            {
                BlockProduct(output, input.Matrix, weight, bias, addend);
                return;
            }

            weight = Widened(weight, input.Matrix.DType);
        }

        if (IsAll(output) && IsAll(input) && TakesSkinnyProduct(input.Matrix, weight))
        {
            SkinnyProduct(output.Matrix, input.Matrix, weight, bias, addend);
        }
        else if (_batchInvariant)
        {
            PlainProduct(output, input, weight, bias, addend);
        }
        else
        {
            LibraryForward(output, input, weight, bias, accumulate, added);
        }
    }

    /// <summary><see cref="Forward"/> by cuBLASLt, whatever the sizes.</summary>
    internal void LibraryForward(
        ColumnRange output, ColumnRange input, Tensor weight, nint bias = 0, bool accumulate = false, nint added = 0) => Multiply(
        new MatrixProduct(
            output.Count, input.Matrix.Shape[0], input.Count, TransposeA: true, TransposeB: false, input.Matrix.DType,
            output.Matrix.DType, input.Count, input.Matrix.Shape[1], output.Matrix.Shape[1], accumulate, bias != 0, 0, 0, 0),
        weight.Address, AddressOf(input), AddressOf(output), bias, added);

    /// <summary>Row-major <c>dX = dY·W</c> is column-major <c>dXᵀ = Wᵀ·dYᵀ</c>.</summary>
    private void BackwardInput(ColumnRange dInput, ColumnRange dOutput, Tensor weight, bool accumulate) => Multiply(
        new MatrixProduct(
            dInput.Count, dOutput.Matrix.Shape[0], dOutput.Count, TransposeA: false, TransposeB: false, dOutput.Matrix.DType,
            dInput.Matrix.DType, dInput.Count, dOutput.Matrix.Shape[1], dInput.Matrix.Shape[1], accumulate, Bias: false, 0, 0, 0),
        Widened(weight, dOutput.Matrix.DType).Address, AddressOf(dOutput), AddressOf(dInput), bias: 0);

    /// <summary>Row-major <c>dW += dYᵀ·X</c> is column-major <c>dWᵀ += Xᵀ·dY</c>.</summary>
    private void BackwardWeight(Tensor dWeight, ColumnRange dOutput, ColumnRange input) => Multiply(
        new MatrixProduct(
            input.Count, dOutput.Count, input.Matrix.Shape[0], TransposeA: false, TransposeB: true, input.Matrix.DType, dWeight.DType,
            input.Matrix.Shape[1], dOutput.Matrix.Shape[1], input.Count, Accumulate: true, Bias: false, 0, 0, 0),
        AddressOf(input), AddressOf(dOutput), dWeight.Address, bias: 0);

    private static ColumnRange All(Tensor matrix) => matrix.Columns(0, matrix.Shape[1]);

    private static bool IsAll(ColumnRange columns) => columns.Count == columns.Matrix.Shape[1];

    private static nint AddressOf(ColumnRange columns) =>
        columns.Matrix.Address + ((nint)columns.First * columns.Matrix.DType.SizeInBytes());

    private void Multiply(MatrixProduct product, nint a, nint b, nint d, nint bias, nint c = 0)
    {
        MakeCurrent();
        product = product with
        {
            AlignmentA = MatrixProduct.AlignmentOf(a),
            AlignmentB = MatrixProduct.AlignmentOf(b),
            AlignmentD = MatrixProduct.AlignmentOf(d),
        };
        _products.Multiply(product, a, b, c == 0 ? d : c, d, bias);
    }
}
