using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>Products with blocks of 256 values.</summary>
internal sealed unsafe class SuperBlockProducts<TFormat> : RoundedProducts
    where TFormat : struct, ISuperBlock
{
    private const int GroupsOfBlock = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override float One(byte* block, in RoundedRows input)
    {
        var x = input.Codes(0);
        float* d = input.Scales(0), sums = input.Sums(0);
        var negatives = input.NegativeSums(0);
        var halves = Packing.Halves;
        var groups = input.Groups;
        var (lanes, minima) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var scales = stackalloc float[2 * GroupsOfBlock];
        var minimaOfBlock = stackalloc float[GroupsOfBlock];
        for (nint first = 0; first < groups; first += GroupsOfBlock, block += TFormat.Bytes)
        {
            for (var line = 0; line < TFormat.Bytes; line += Packing.LineBytes)
            {
                Packing.Prefetch(block + line);
            }

            TFormat.Scales(block, scales, minimaOfBlock, halves);
            // Written out, so that shifts and offsets of a group are constants.
            lanes = AddGroup(lanes, block, 0, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 1, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 2, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 3, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 4, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 5, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 6, x, negatives, d, scales);
            lanes = AddGroup(lanes, block, 7, x, negatives, d, scales);
            x += TFormat.Values;
            negatives += GroupsOfBlock * Lanes;
            d += GroupsOfBlock;
            if (TFormat.HasMinimum)
            {
                minima = Vector256.MultiplyAddEstimate(Vector256.Load(minimaOfBlock), Vector256.Load(sums + first), minima);
            }
        }

        return TFormat.HasMinimum ? Sum(lanes) + Sum(minima) : Sum(lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Four(byte* block, in RoundedRows input, int row, int rows, float* output)
    {
        var (r1, r2, r3) = (row + Math.Min(1, rows - 1), row + Math.Min(2, rows - 1), row + rows - 1);
        sbyte* x0 = input.Codes(row), x1 = input.Codes(r1), x2 = input.Codes(r2), x3 = input.Codes(r3);
        float* d0 = input.Scales(row), d1 = input.Scales(r1), d2 = input.Scales(r2), d3 = input.Scales(r3);
        float* s0 = input.Sums(row), s1 = input.Sums(r1), s2 = input.Sums(r2), s3 = input.Sums(r3);
        int* z0 = input.NegativeSums(row), z1 = input.NegativeSums(r1), z2 = input.NegativeSums(r2), z3 = input.NegativeSums(r3);
        Vector256<float> l0 = default, l1 = default, l2 = default, l3 = default, m0 = default, m1 = default, m2 = default, m3 = default;
        var scales = stackalloc float[2 * GroupsOfBlock];
        var minima = stackalloc float[GroupsOfBlock];
        var halves = Packing.Halves;
        var groups = input.Groups;
        for (nint start = 0; start < groups; start += GroupsOfBlock, block += TFormat.Bytes)
        {
            for (var line = 0; line < TFormat.Bytes; line += Packing.LineBytes)
            {
                Packing.Prefetch(block + line);
            }

            TFormat.Scales(block, scales, minima, halves);
            for (var i = 0; i < GroupsOfBlock; i++)
            {
                var group = start + i;
                var (first, lane) = (group * RoundedRows.GroupValues, group * Lanes);
                var codes = TFormat.Codes(block, i);
                var scale = Scale(scales, i);
                l0 = Add(l0, Products(codes, x0 + first, z0 + lane), scale, d0[group]);
                l1 = Add(l1, Products(codes, x1 + first, z1 + lane), scale, d1[group]);
                l2 = Add(l2, Products(codes, x2 + first, z2 + lane), scale, d2[group]);
                l3 = Add(l3, Products(codes, x3 + first, z3 + lane), scale, d3[group]);
            }

            if (TFormat.HasMinimum)
            {
                var minimum = Vector256.Load(minima);
                m0 = Vector256.MultiplyAddEstimate(minimum, Vector256.Load(s0 + start), m0);
                m1 = Vector256.MultiplyAddEstimate(minimum, Vector256.Load(s1 + start), m1);
                m2 = Vector256.MultiplyAddEstimate(minimum, Vector256.Load(s2 + start), m2);
                m3 = Vector256.MultiplyAddEstimate(minimum, Vector256.Load(s3 + start), m3);
            }
        }

        (output[0], output[1], output[2], output[3]) = TFormat.HasMinimum
            ? (Sum(l0) + Sum(m0), Sum(l1) + Sum(m1), Sum(l2) + Sum(m2), Sum(l3) + Sum(m3))
            : (Sum(l0), Sum(l1), Sum(l2), Sum(l3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddGroup(
        Vector256<float> lanes, byte* block, int group, sbyte* x, int* negatives, float* d, float* scales) => Add(
            lanes, Products(TFormat.Codes(block, group), x + (group * RoundedRows.GroupValues), negatives + (group * Lanes)),
            Scale(scales, group), d[group]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(float* scales, int group) => TFormat.ScalesHalves
        ? Vector256.Create(Vector128.Create(scales[2 * group]), Vector128.Create(scales[(2 * group) + 1]))
        : Vector256.Create(scales[group]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Vector256<byte> codes, sbyte* x, int* negatives) => ByteProducts.MultiplyAdd(
        TFormat.Zero == 0 ? Vector256<int>.Zero : Vector256.Load(negatives) << BitOperations.Log2((uint)TFormat.Zero),
        codes, Vector256.Load(x));
}
