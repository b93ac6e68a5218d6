using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// <c>C = A · Bᵀ</c> for a few rows of A, as when decoding: every row of Bᵀ's source is read once from memory, and used
/// for all rows of A while it is in the cache. Sums run over k in lanes, then over the lanes.
/// </summary>
internal static unsafe class FewRows<V>
    where V : unmanaged, IFloats<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in MatrixProduct product, int firstColumn, int endColumn)
    {
        float* a = product.A.Data, b = product.B.Data;
        nint strideA = product.A.Stride, strideB = product.B.Stride;
        var sums = stackalloc float[8];
        for (var n = firstColumn; n < endColumn; n += 4)
        {
            var columns = Math.Min(4, endColumn - n);
            if (product.M == 1)
            {
                // A missing line is replaced by the last one that exists; its sums are not written.
                OneRow(
                    a, b + (n * strideB), b + (Math.Min(n + 1, endColumn - 1) * strideB), b + (Math.Min(n + 2, endColumn - 1) * strideB),
                    b + (Math.Min(n + 3, endColumn - 1) * strideB), product.K, sums);
                Write(product, 0, 1, n, columns, sums, 4);
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
                    Write(product, m, Math.Min(4, product.M - m), n + pair, Math.Min(2, columns - pair), sums, 2);
                }
            }
        }
    }

    private static void Write(in MatrixProduct product, int m, int rows, int n, int columns, float* sums, int stride)
    {
        for (var row = m; row < m + rows; row++, sums += stride)
        {
            for (var column = 0; column < columns; column++)
            {
                var addend = product.Addend == null ? 0 : product.Addend[(row * product.StrideAddend) + n + column];
                product.C[(row * product.StrideC) + n + column] = sums[column] + addend;
            }
        }
    }

    /// <summary>Dot products of one row with four, to <c>sums[0..4]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(float* a, float* b0, float* b1, float* b2, float* b3, int depth, float* sums)
    {
        var zero = V.Of(0);
        V s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        nint k = 0;
        for (; k + V.Count <= depth; k += V.Count)
        {
            var x = V.Load(a + k);
            s0 = V.MultiplyAdd(x, V.Load(b0 + k), s0);
            s1 = V.MultiplyAdd(x, V.Load(b1 + k), s1);
            s2 = V.MultiplyAdd(x, V.Load(b2 + k), s2);
            s3 = V.MultiplyAdd(x, V.Load(b3 + k), s3);
        }

        sums[0] = s0.Sum();
        sums[1] = s1.Sum();
        sums[2] = s2.Sum();
        sums[3] = s3.Sum();
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
        var zero = V.Of(0);
        V s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero, s30 = zero, s31 = zero;
        nint k = 0;
        for (; k + V.Count <= depth; k += V.Count)
        {
            var (y0, y1) = (V.Load(b0 + k), V.Load(b1 + k));
            var x = V.Load(a0 + k);
            s00 = V.MultiplyAdd(x, y0, s00);
            s01 = V.MultiplyAdd(x, y1, s01);
            x = V.Load(a1 + k);
            s10 = V.MultiplyAdd(x, y0, s10);
            s11 = V.MultiplyAdd(x, y1, s11);
            x = V.Load(a2 + k);
            s20 = V.MultiplyAdd(x, y0, s20);
            s21 = V.MultiplyAdd(x, y1, s21);
            x = V.Load(a3 + k);
            s30 = V.MultiplyAdd(x, y0, s30);
            s31 = V.MultiplyAdd(x, y1, s31);
        }

        sums[0] = s00.Sum();
        sums[1] = s01.Sum();
        sums[2] = s10.Sum();
        sums[3] = s11.Sum();
        sums[4] = s20.Sum();
        sums[5] = s21.Sum();
        sums[6] = s30.Sum();
        sums[7] = s31.Sum();
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
}
