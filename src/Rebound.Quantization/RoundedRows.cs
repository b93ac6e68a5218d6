using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// Rows of fp32 rounded to signed bytes, 32 values with one scale each: scale = largest magnitude / 127, code = value / scale, to the
/// nearest, ties to even. Beside the codes lie what products with blocks need of a row alone.
/// </summary>
public readonly unsafe struct RoundedRows
{
    /// <summary>Values with one scale.</summary>
    public const int GroupValues = 32;

    /// <summary>Largest code; −128 is none.</summary>
    private const int MostCode = 127;

    private const int Lanes = 8;
    private const int Alignment = 64;

    private readonly byte* _memory;
    private readonly nint _rowBytes;
    private readonly int _inner;

    /// <param name="memory"><see cref="BytesOf"/>, beginning at a multiple of 64 bytes.</param>
    /// <param name="inner">Values of a row, a multiple of 32.</param>
    public RoundedRows(byte* memory, int inner)
    {
        (_inner, Groups) = (inner, inner / GroupValues);
        _memory = memory;
        _rowBytes = (nint)BytesOfRow(inner);
    }

    /// <summary>Groups of a row.</summary>
    public int Groups { get; }

    /// <summary>Bytes that rows take.</summary>
    public static long BytesOf(int rows, int inner) => rows * BytesOfRow(inner);

    /// <summary>[inner].</summary>
    public sbyte* Codes(int row) => (sbyte*)_memory + (row * _rowBytes);

    /// <summary>[groups].</summary>
    public float* Scales(int row) => (float*)(Codes(row) + _inner);

    /// <summary>[groups]: scale · Σ code.</summary>
    public float* Sums(int row) => Scales(row) + Groups;

    /// <summary>[groups, 8]: −Σ code over four codes each.</summary>
    public int* NegativeSums(int row) => (int*)(Sums(row) + Groups);

    /// <summary>Rounds a row.</summary>
    /// <param name="values">[inner].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Round(int row, float* values)
    {
        var codes = Codes(row);
        float* scales = Scales(row), sums = Sums(row);
        var negatives = NegativeSums(row);
        for (var group = 0; group < Groups; group++, values += GroupValues, codes += GroupValues, negatives += Lanes)
        {
            var (v0, v1, v2, v3) =
                (Vector256.Load(values), Vector256.Load(values + 8), Vector256.Load(values + 16), Vector256.Load(values + 24));

            // Not a number where one of them is none, so that nothing hides it.
            var largest = Largest(Vector256.Max(
                Vector256.Max(Vector256.Abs(v0), Vector256.Abs(v1)), Vector256.Max(Vector256.Abs(v2), Vector256.Abs(v3))));
            var inverse = Vector256.Create(largest > 0 ? MostCode / largest : 0);
            var lower = Vector256.Narrow(ToCodes(v0 * inverse), ToCodes(v1 * inverse));
            var bytes = Vector256.Narrow(lower, Vector256.Narrow(ToCodes(v2 * inverse), ToCodes(v3 * inverse)));
            bytes.Store(codes);
            var fours = ByteProducts.MultiplyAdd(Vector256<int>.Zero, Vector256<byte>.One, bytes);
            scales[group] = largest / MostCode;
            sums[group] = largest / MostCode * Vector256.Sum(fours);
            (-fours).Store(negatives);
        }
    }

    private static long BytesOfRow(int inner)
    {
        var groups = inner / GroupValues;
        var bytes = inner + ((2L + Lanes) * groups * sizeof(float));
        return (bytes + Alignment - 1) / Alignment * Alignment;
    }

    private static Vector256<int> ToCodes(Vector256<float> values) => Vector256.ConvertToInt32(Vector256.Round(values));

    private static float Largest(Vector256<float> lanes)
    {
        var largest = lanes[0];
        for (var lane = 1; lane < Lanes; lane++)
        {
            largest = MathF.Max(largest, lanes[lane]);
        }

        return largest;
    }
}
