namespace Rebound.Quantization;

/// <summary>
/// Products of a few fp32 rows with a matrix in blocks, whose values are widened in registers, exactly, and multiplied there. For vectors
/// of W lanes: <c>sum_i = Σ_j x[j·W + i] · w[j·W + i]</c> in fp32, j rising, each product added by one multiply-add; the lanes are added as
/// the runtime adds those of a vector; then what is left of a row, in order, each product rounded before it is added. These are the sums
/// of dot products of fp32 rows, so they have the bits of those with widened weights, and a row does not depend on those beside it.
/// </summary>
public abstract unsafe class WidenedProducts
{
    /// <summary>Rows of <see cref="FourRows"/>.</summary>
    public const int RowsAtOnce = 4;

    /// <summary>Rows of the matrix of <see cref="OneRow"/>.</summary>
    public const int LinesOfOneRow = 2;

    /// <summary>The products of one row with two of the matrix.</summary>
    /// <param name="x">[depth].</param>
    /// <param name="line0">A row of the matrix.</param>
    /// <param name="line1">A row of the matrix.</param>
    /// <param name="depth">Values of whole blocks.</param>
    /// <param name="sums">[2], =.</param>
    public abstract void OneRow(float* x, byte* line0, byte* line1, int depth, float* sums);

    /// <summary>The products of four rows with one of the matrix.</summary>
    /// <param name="line">A row of the matrix.</param>
    /// <param name="depth">Values of whole blocks.</param>
    /// <param name="sums">[4], =.</param>
    public abstract void FourRows(float* x0, float* x1, float* x2, float* x3, byte* line, int depth, float* sums);

    /// <summary>Widens whole blocks to fp32.</summary>
    /// <param name="count">Values of whole blocks.</param>
    /// <param name="values">[count], =.</param>
    public abstract void Widen(byte* blocks, nint count, float* values);
}
