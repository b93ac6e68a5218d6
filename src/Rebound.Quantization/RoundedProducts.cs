using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// Products of a few rows, rounded to eight bits, with a matrix in blocks. With d and x the scale and the codes of a row's group of 32,
/// s, m and c those of the blocks, z the code of zero, and lane i the values 4·i to 4·i + 3 of a group:
/// <c>sum_i = Σ_groups float(Σ_lane (c − z) · x) · (s · d)</c> in fp32, groups rising, each product added in one rounding; the lanes are
/// added in a fixed order; and <c>Σ_groups m · (d · Σ x)</c> is added. So a row's result depends on nothing but the row and the matrix.
/// </summary>
public abstract unsafe class RoundedProducts
{
    /// <summary>Sums that are kept beside each other, of four values of a group each.</summary>
    private protected const int Lanes = 8;

    /// <summary>Rows that are multiplied at once.</summary>
    private const int RowsAtOnce = 4;

    /// <summary>Whether the processor has instructions that make it faster than products of fp32.</summary>
    public static bool IsAccelerated => ByteProducts.IsAccelerated;

    /// <summary>Products of all rounded rows with one row of the matrix.</summary>
    /// <param name="blocks">The row of the matrix.</param>
    /// <param name="rows">R.</param>
    /// <param name="output">[R], =; there is room for a multiple of 4.</param>
    public void Multiply(byte* blocks, in RoundedRows input, int rows, float* output)
    {
        if (rows == 1)
        {
            *output = One(blocks, input);
            return;
        }

        for (var row = 0; row < rows; row += RowsAtOnce)
        {
            Four(blocks, input, row, Math.Min(RowsAtOnce, rows - row), output + row);
        }
    }

    /// <summary>The product of the first rounded row.</summary>
    protected abstract float One(byte* block, in RoundedRows input);

    /// <summary>The products of four rounded rows.</summary>
    /// <param name="rows">1 to 4; in place of a row that is not there the last one is computed again.</param>
    /// <param name="output">[4], =.</param>
    protected abstract void Four(byte* block, in RoundedRows input, int row, int rows, float* output);

    /// <summary>Adds a group's products, times both scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected static Vector256<float> Add(
        Vector256<float> lanes, Vector256<int> products, Vector256<float> scale, float rounded) =>
        Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(products), scale * Vector256.Create(rounded), lanes);

    /// <summary>The lanes of a sum in a fixed order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static float Sum(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2));
        return two.ToScalar() + two[2];
    }
}
