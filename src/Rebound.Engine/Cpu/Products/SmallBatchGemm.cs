using System.Runtime.CompilerServices;
using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>
/// The small-batch GEMM, <c>C = A · Bᵀ</c> for a few rows of A, as when decoding: every row of Bᵀ's source is read once from
/// memory, and used for all rows of A while it is in the cache. Sums run over k in lanes, then over the lanes, whatever the number of rows.
/// </summary>
internal static unsafe class SmallBatchGemm<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary>Vectors of 512 bits come with 32 registers: 16 sums, and what they are formed of.</summary>
    private static bool HasRegistersForSixteen => TLanes.Count == Lanes512.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in MatrixProduct product, int firstColumn, int endColumn)
    {
        float* a = product.A.Data, b = product.B.Data;
        nint strideA = product.A.Stride, strideB = product.B.Stride;
        var sums = stackalloc float[16];
        for (var n = firstColumn; n < endColumn; n += 4)
        {
            var columns = Math.Min(4, endColumn - n);
            if (product.M == 1)
            {
                // A missing line is replaced by the last one that exists; its sums are not written.
                OneRow(
                    a, b + (n * strideB), b + (Math.Min(n + 1, endColumn - 1) * strideB), b + (Math.Min(n + 2, endColumn - 1) * strideB),
                    b + (Math.Min(n + 3, endColumn - 1) * strideB), product.K, sums);
                product.Write(0, 1, n, columns, sums, 4);
                continue;
            }

            if (HasRegistersForSixteen && columns == 4)
            {
                var last = product.M - 1;
                for (var m = 0; m < product.M; m += 4)
                {
                    FourByFour(
                        a + (m * strideA), a + (Math.Min(m + 1, last) * strideA), a + (Math.Min(m + 2, last) * strideA),
                        a + (Math.Min(m + 3, last) * strideA), b + (n * strideB), strideB, product.K, sums);
                    product.Write(m, Math.Min(4, product.M - m), n, 4, sums, 4);
                }

                continue;
            }

            for (var pair = 0; pair < columns; pair += 2)
            {
                var b0 = b + ((n + pair) * strideB);
                var b1 = b + (Math.Min(n + pair + 1, endColumn - 1) * strideB);
                for (var m = 0; m < product.M; m += 4)
                {
                    var last = product.M - 1;
                    FourRows(
                        a + (m * strideA), a + (Math.Min(m + 1, last) * strideA), a + (Math.Min(m + 2, last) * strideA),
                        a + (Math.Min(m + 3, last) * strideA), b0, b1, product.K, sums);
                    product.Write(m, Math.Min(4, product.M - m), n + pair, Math.Min(2, columns - pair), sums, 2);
                }
            }
        }
    }

    /// <summary>Dot products of one row with four, to <c>sums[0..4]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(float* a, float* b0, float* b1, float* b2, float* b3, int depth, float* sums)
    {
        var zero = TLanes.Broadcast(0);
        TVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        nint k = 0;
        for (; k + TLanes.Count <= depth; k += TLanes.Count)
        {
            var x = TLanes.Load(a + k);
            s0 = TLanes.MultiplyAdd(x, TLanes.Load(b0 + k), s0);
            s1 = TLanes.MultiplyAdd(x, TLanes.Load(b1 + k), s1);
            s2 = TLanes.MultiplyAdd(x, TLanes.Load(b2 + k), s2);
            s3 = TLanes.MultiplyAdd(x, TLanes.Load(b3 + k), s3);
        }

        sums[0] = TLanes.Sum(s0);
        sums[1] = TLanes.Sum(s1);
        sums[2] = TLanes.Sum(s2);
        sums[3] = TLanes.Sum(s3);
        for (; k < depth; k++)
        {
            sums[0] += a[k] * b0[k];
            sums[1] += a[k] * b1[k];
            sums[2] += a[k] * b2[k];
            sums[3] += a[k] * b3[k];
        }
    }

    /// <summary>Dot products of four rows with two, to <c>sums[row · 2 + column]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(float* a0, float* a1, float* a2, float* a3, float* b0, float* b1, int depth, float* sums)
    {
        var zero = TLanes.Broadcast(0);
        TVector s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero, s30 = zero, s31 = zero;
        nint k = 0;
        for (; k + TLanes.Count <= depth; k += TLanes.Count)
        {
            var (y0, y1) = (TLanes.Load(b0 + k), TLanes.Load(b1 + k));
            var x = TLanes.Load(a0 + k);
            s00 = TLanes.MultiplyAdd(x, y0, s00);
            s01 = TLanes.MultiplyAdd(x, y1, s01);
            x = TLanes.Load(a1 + k);
            s10 = TLanes.MultiplyAdd(x, y0, s10);
            s11 = TLanes.MultiplyAdd(x, y1, s11);
            x = TLanes.Load(a2 + k);
            s20 = TLanes.MultiplyAdd(x, y0, s20);
            s21 = TLanes.MultiplyAdd(x, y1, s21);
            x = TLanes.Load(a3 + k);
            s30 = TLanes.MultiplyAdd(x, y0, s30);
            s31 = TLanes.MultiplyAdd(x, y1, s31);
        }

        sums[0] = TLanes.Sum(s00);
        sums[1] = TLanes.Sum(s01);
        sums[2] = TLanes.Sum(s10);
        sums[3] = TLanes.Sum(s11);
        sums[4] = TLanes.Sum(s20);
        sums[5] = TLanes.Sum(s21);
        sums[6] = TLanes.Sum(s30);
        sums[7] = TLanes.Sum(s31);
        for (; k < depth; k++)
        {
            sums[0] += a0[k] * b0[k];
            sums[1] += a0[k] * b1[k];
            sums[2] += a1[k] * b0[k];
            sums[3] += a1[k] * b1[k];
            sums[4] += a2[k] * b0[k];
            sums[5] += a2[k] * b1[k];
            sums[6] += a3[k] * b0[k];
            sums[7] += a3[k] * b1[k];
        }
    }

    /// <summary>Dot products of four rows with four that follow each other, to <c>sums[row · 4 + column]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour(float* a0, float* a1, float* a2, float* a3, float* b, nint strideB, int depth, float* sums)
    {
        float* b0 = b, b1 = b + strideB, b2 = b1 + strideB, b3 = b2 + strideB;
        var zero = TLanes.Broadcast(0);
        TVector s00 = zero, s01 = zero, s02 = zero, s03 = zero, s10 = zero, s11 = zero, s12 = zero, s13 = zero;
        TVector s20 = zero, s21 = zero, s22 = zero, s23 = zero, s30 = zero, s31 = zero, s32 = zero, s33 = zero;
        nint k = 0;
        for (; k + TLanes.Count <= depth; k += TLanes.Count)
        {
            TVector y0 = TLanes.Load(b0 + k), y1 = TLanes.Load(b1 + k), y2 = TLanes.Load(b2 + k), y3 = TLanes.Load(b3 + k);
            var x = TLanes.Load(a0 + k);
            s00 = TLanes.MultiplyAdd(x, y0, s00);
            s01 = TLanes.MultiplyAdd(x, y1, s01);
            s02 = TLanes.MultiplyAdd(x, y2, s02);
            s03 = TLanes.MultiplyAdd(x, y3, s03);
            x = TLanes.Load(a1 + k);
            s10 = TLanes.MultiplyAdd(x, y0, s10);
            s11 = TLanes.MultiplyAdd(x, y1, s11);
            s12 = TLanes.MultiplyAdd(x, y2, s12);
            s13 = TLanes.MultiplyAdd(x, y3, s13);
            x = TLanes.Load(a2 + k);
            s20 = TLanes.MultiplyAdd(x, y0, s20);
            s21 = TLanes.MultiplyAdd(x, y1, s21);
            s22 = TLanes.MultiplyAdd(x, y2, s22);
            s23 = TLanes.MultiplyAdd(x, y3, s23);
            x = TLanes.Load(a3 + k);
            s30 = TLanes.MultiplyAdd(x, y0, s30);
            s31 = TLanes.MultiplyAdd(x, y1, s31);
            s32 = TLanes.MultiplyAdd(x, y2, s32);
            s33 = TLanes.MultiplyAdd(x, y3, s33);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (TLanes.Sum(s00), TLanes.Sum(s01), TLanes.Sum(s02), TLanes.Sum(s03));
        (sums[4], sums[5], sums[6], sums[7]) = (TLanes.Sum(s10), TLanes.Sum(s11), TLanes.Sum(s12), TLanes.Sum(s13));
        (sums[8], sums[9], sums[10], sums[11]) = (TLanes.Sum(s20), TLanes.Sum(s21), TLanes.Sum(s22), TLanes.Sum(s23));
        (sums[12], sums[13], sums[14], sums[15]) = (TLanes.Sum(s30), TLanes.Sum(s31), TLanes.Sum(s32), TLanes.Sum(s33));
        for (; k < depth; k++)
        {
            for (var column = 0; column < 4; column++)
            {
                var y = b[(column * strideB) + k];
                sums[column] += a0[k] * y;
                sums[4 + column] += a1[k] * y;
                sums[8 + column] += a2[k] * y;
                sums[12 + column] += a3[k] * y;
            }
        }
    }
}
