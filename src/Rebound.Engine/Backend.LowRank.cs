namespace Rebound.Engine;

/// <summary>
/// Operations of low-rank adapters beside <see cref="LinearForward(Tensor, Tensor, Tensor, Tensor, bool, bool)"/>
/// (Hu et al. 2021, arXiv 2106.09685): products with some columns of a matrix, because one adapter covers a part of a
/// fused projection, and dropout. R is an adapter's rank.
/// </summary>
public abstract partial class Backend
{
    /// <summary><c>output += input · weightᵀ</c>.</summary>
    /// <param name="output">[T, N] columns, +=; the other columns are not touched.</param>
    /// <param name="input">[T, R] columns of another matrix.</param>
    /// <param name="weight">[N, R].</param>
    public void LinearForward(ColumnRange output, ColumnRange input, Tensor weight)
    {
        Expect.Columns(output);
        Expect.Columns(input, output.Matrix.DType, output.Matrix.Shape[0]);
        Expect.Elements(weight, output.Matrix.DType, new Shape(output.Count, input.Count));
        LinearForwardCore(output, input, weight);
    }

    /// <summary>Backward of <see cref="LinearForward(ColumnRange, ColumnRange, Tensor)"/>: <c>dInput = dOutput · weight</c>.</summary>
    /// <param name="dInput">[T, R] columns, =; the other columns are not touched.</param>
    /// <param name="dOutput">[T, N] columns of another matrix.</param>
    /// <param name="weight">[N, R].</param>
    public void LinearBackwardInput(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        Expect.Columns(dInput);
        Expect.Columns(dOutput, dInput.Matrix.DType, dInput.Matrix.Shape[0]);
        Expect.Elements(weight, dInput.Matrix.DType, new Shape(dOutput.Count, dInput.Count));
        LinearBackwardInputCore(dInput, dOutput, weight);
    }

    /// <summary>Backward of <see cref="LinearForward(ColumnRange, ColumnRange, Tensor)"/>: <c>dWeight += dOutputᵀ · input</c>.</summary>
    /// <param name="dWeight">[N, R], +=.</param>
    /// <param name="dOutput">[T, N] columns.</param>
    /// <param name="input">[T, R] columns.</param>
    public void LinearBackwardWeight(Tensor dWeight, ColumnRange dOutput, ColumnRange input)
    {
        Expect.Columns(dOutput);
        Expect.Columns(input, dOutput.Matrix.DType, dOutput.Matrix.Shape[0]);
        Expect.Floating(dWeight, new Shape(dOutput.Count, input.Count));
        LinearBackwardWeightCore(dWeight, dOutput, input);
    }

    /// <summary><c>columns *= factor</c>, in place; the other columns are not touched.</summary>
    public void Scale(ColumnRange columns, float factor)
    {
        Expect.Columns(columns);
        ScaleCore(columns, factor);
    }

    /// <summary>
    /// <c>output = input · keep / (1 − rate)</c>, or <c>output +=</c> the same, where keep is 0 or 1 as
    /// <see cref="DropoutMask"/> says of the element's row and column (Srivastava et al. 2014, JMLR 15). The backward is
    /// the same operation with the same seed on the gradient.
    /// </summary>
    /// <param name="output">[T, K], = or +=; may be <paramref name="input"/> itself.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="rate">Share of the elements that are dropped, from 0 to below 1.</param>
    /// <param name="seed">Of the mask.</param>
    public void Dropout(Tensor output, Tensor input, float rate, ulong seed, bool accumulate = false)
    {
        Expect.Matrix(input);
        Expect.Elements(output, input.DType, input.Shape);
        DropoutCore(output, input, rate, DropoutMask.Threshold(rate), seed, accumulate);
    }
}
