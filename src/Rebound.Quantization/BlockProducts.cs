using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>Products with blocks of 32 values.</summary>
internal sealed unsafe class BlockProducts<TFormat> : RoundedProducts
    where TFormat : struct, IPlainBlock
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override float One(byte* block, in RoundedRows input)
    {
        var x = input.Codes(0);
        float* scales = input.Scales(0), sums = input.Sums(0);
        var negatives = input.NegativeSums(0);
        var halves = Packing.Halves;
        var groups = input.Groups;
        var lanes = Vector256<float>.Zero;
        var minima = 0f;
        for (nint group = 0; group < groups; group++, block += TFormat.Bytes)
        {
            Packing.Prefetch(block);
            var products = Products(TFormat.Codes(block, 0), x + (group * RoundedRows.GroupValues), negatives + (group * Lanes));
            lanes = Add(lanes, products, Vector256.Create(TFormat.Scale(block, halves)), scales[group]);
            if (TFormat.HasMinimum)
            {
                minima = float.MultiplyAddEstimate(TFormat.Minimum(block, halves), sums[group], minima);
            }
        }

        return TFormat.HasMinimum ? Sum(lanes) + minima : Sum(lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Four(byte* block, in RoundedRows input, int row, int rows, float* output)
    {
        var (r1, r2, r3) = (row + Math.Min(1, rows - 1), row + Math.Min(2, rows - 1), row + rows - 1);
        sbyte* x0 = input.Codes(row), x1 = input.Codes(r1), x2 = input.Codes(r2), x3 = input.Codes(r3);
        float* d0 = input.Scales(row), d1 = input.Scales(r1), d2 = input.Scales(r2), d3 = input.Scales(r3);
        float* s0 = input.Sums(row), s1 = input.Sums(r1), s2 = input.Sums(r2), s3 = input.Sums(r3);
        int* z0 = input.NegativeSums(row), z1 = input.NegativeSums(r1), z2 = input.NegativeSums(r2), z3 = input.NegativeSums(r3);
        Vector256<float> l0 = default, l1 = default, l2 = default, l3 = default;
        float m0 = 0, m1 = 0, m2 = 0, m3 = 0;
        var halves = Packing.Halves;
        var groups = input.Groups;
        for (nint group = 0; group < groups; group++, block += TFormat.Bytes)
        {
            Packing.Prefetch(block);
            var (first, lane) = (group * RoundedRows.GroupValues, group * Lanes);
            var codes = TFormat.Codes(block, 0);
            var scale = Vector256.Create(TFormat.Scale(block, halves));
            l0 = Add(l0, Products(codes, x0 + first, z0 + lane), scale, d0[group]);
            l1 = Add(l1, Products(codes, x1 + first, z1 + lane), scale, d1[group]);
            l2 = Add(l2, Products(codes, x2 + first, z2 + lane), scale, d2[group]);
            l3 = Add(l3, Products(codes, x3 + first, z3 + lane), scale, d3[group]);
            if (TFormat.HasMinimum)
            {
                var minimum = TFormat.Minimum(block, halves);
                m0 = float.MultiplyAddEstimate(minimum, s0[group], m0);
                m1 = float.MultiplyAddEstimate(minimum, s1[group], m1);
                m2 = float.MultiplyAddEstimate(minimum, s2[group], m2);
                m3 = float.MultiplyAddEstimate(minimum, s3[group], m3);
            }
        }

        (output[0], output[1], output[2], output[3]) = TFormat.HasMinimum
            ? (Sum(l0) + m0, Sum(l1) + m1, Sum(l2) + m2, Sum(l3) + m3)
            : (Sum(l0), Sum(l1), Sum(l2), Sum(l3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Vector256<byte> codes, sbyte* x, int* negatives)
    {
        var start = TFormat.Zero == 0 ? Vector256<int>.Zero : Vector256.Load(negatives) << BitOperations.Log2((uint)TFormat.Zero);
        return TFormat.Zero == 128
            ? ByteProducts.MultiplyAddWide(start, codes, Vector256.Load(x))
            : ByteProducts.MultiplyAdd(start, codes, Vector256.Load(x));
    }
}
