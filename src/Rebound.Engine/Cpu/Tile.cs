using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Products of small matrices that lie in the cache, without packing: what attention's tiles are made of. Every element
/// is one sum in rising order of the inner index.
/// </summary>
internal static unsafe class Tile
{
    /// <summary>
    /// <c>C[r,n] (+)= Σ_k A[r,k]·B[k,n]</c>. A's elements may lie at any strides (a transposed A costs nothing); rows of B
    /// and C are contiguous.
    /// </summary>
    /// <param name="aRow">Elements from one row of A to the next.</param>
    /// <param name="aInner">Elements from one k to the next in A.</param>
    /// <param name="accumulate">C += instead of C =.</param>
    public static void Multiply(
        float* c, nint cStride, float* a, nint aRow, nint aInner, float* b, nint bStride, int rows, int columns, int inner,
        bool accumulate)
    {
        var done = 0;
        if (Avx512F.IsSupported)
        {
            // Two vectors of columns at a time need 16 accumulators: only AVX-512 has the registers.
            for (; done + (2 * Floats16.Count) <= columns; done += 2 * Floats16.Count)
            {
                for (var r = 0; r < rows; r += 8)
                {
                    EightByTwo<Floats16>(
                        c + (r * cStride) + done, cStride, a + (r * aRow), aRow, aInner, b + done, bStride, Math.Min(8, rows - r), inner, accumulate);
                }
            }

            done = Columns<Floats16>(done, c, cStride, a, aRow, aInner, b, bStride, rows, columns, inner, accumulate);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            done = Columns<Floats8>(done, c, cStride, a, aRow, aInner, b, bStride, rows, columns, inner, accumulate);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            done = Columns<Floats4>(done, c, cStride, a, aRow, aInner, b, bStride, rows, columns, inner, accumulate);
        }

        Columns<Floats1>(done, c, cStride, a, aRow, aInner, b, bStride, rows, columns, inner, accumulate);
    }

    /// <summary>As many columns as whole vectors cover, one vector at a time; returns the columns done.</summary>
    private static int Columns<V>(
        int done, float* c, nint cStride, float* a, nint aRow, nint aInner, float* b, nint bStride, int rows, int columns, int inner,
        bool accumulate)
        where V : unmanaged, IFloats<V>
    {
        for (; done + V.Count <= columns; done += V.Count)
        {
            for (var r = 0; r < rows; r += 8)
            {
                EightByOne<V>(
                    c + (r * cStride) + done, cStride, a + (r * aRow), aRow, aInner, b + done, bStride, Math.Min(8, rows - r), inner, accumulate);
            }
        }

        return done;
    }

    /// <summary>Eight rows of two vectors; of fewer rows the last is computed again in place of those missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightByTwo<V>(
        float* c, nint cStride, float* a, nint aRow, nint aInner, float* b, nint bStride, int rows, int inner, bool accumulate)
        where V : unmanaged, IFloats<V>
    {
        nint last = rows - 1;
        float* a0 = a, a1 = a + (Math.Min(1, last) * aRow), a2 = a + (Math.Min(2, last) * aRow), a3 = a + (Math.Min(3, last) * aRow);
        float* a4 = a + (Math.Min(4, last) * aRow), a5 = a + (Math.Min(5, last) * aRow);
        float* a6 = a + (Math.Min(6, last) * aRow), a7 = a + (Math.Min(7, last) * aRow);
        V c00 = V.Of(0), c10 = c00, c20 = c00, c30 = c00, c40 = c00, c50 = c00, c60 = c00, c70 = c00;
        V c01 = c00, c11 = c00, c21 = c00, c31 = c00, c41 = c00, c51 = c00, c61 = c00, c71 = c00;
        nint offset = 0;
        for (var k = 0; k < inner; k++, offset += aInner, b += bStride)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x = V.Of(a0[offset]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Of(a1[offset]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            x = V.Of(a2[offset]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            x = V.Of(a3[offset]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
            x = V.Of(a4[offset]);
            c40 = V.MultiplyAdd(x, b0, c40);
            c41 = V.MultiplyAdd(x, b1, c41);
            x = V.Of(a5[offset]);
            c50 = V.MultiplyAdd(x, b0, c50);
            c51 = V.MultiplyAdd(x, b1, c51);
            x = V.Of(a6[offset]);
            c60 = V.MultiplyAdd(x, b0, c60);
            c61 = V.MultiplyAdd(x, b1, c61);
            x = V.Of(a7[offset]);
            c70 = V.MultiplyAdd(x, b0, c70);
            c71 = V.MultiplyAdd(x, b1, c71);
        }

        Write(c, c00, accumulate);
        Write(c + V.Count, c01, accumulate);
        if (rows == 1)
        {
            return;
        }

        c += cStride;
        Write(c, c10, accumulate);
        Write(c + V.Count, c11, accumulate);
        if (rows == 2)
        {
            return;
        }

        c += cStride;
        Write(c, c20, accumulate);
        Write(c + V.Count, c21, accumulate);
        if (rows == 3)
        {
            return;
        }

        c += cStride;
        Write(c, c30, accumulate);
        Write(c + V.Count, c31, accumulate);
        if (rows == 4)
        {
            return;
        }

        c += cStride;
        Write(c, c40, accumulate);
        Write(c + V.Count, c41, accumulate);
        if (rows == 5)
        {
            return;
        }

        c += cStride;
        Write(c, c50, accumulate);
        Write(c + V.Count, c51, accumulate);
        if (rows == 6)
        {
            return;
        }

        c += cStride;
        Write(c, c60, accumulate);
        Write(c + V.Count, c61, accumulate);
        if (rows == 7)
        {
            return;
        }

        c += cStride;
        Write(c, c70, accumulate);
        Write(c + V.Count, c71, accumulate);
    }

    /// <summary>Eight rows of one vector; of fewer rows the last is computed again in place of those missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightByOne<V>(
        float* c, nint cStride, float* a, nint aRow, nint aInner, float* b, nint bStride, int rows, int inner, bool accumulate)
        where V : unmanaged, IFloats<V>
    {
        nint last = rows - 1;
        float* a0 = a, a1 = a + (Math.Min(1, last) * aRow), a2 = a + (Math.Min(2, last) * aRow), a3 = a + (Math.Min(3, last) * aRow);
        float* a4 = a + (Math.Min(4, last) * aRow), a5 = a + (Math.Min(5, last) * aRow);
        float* a6 = a + (Math.Min(6, last) * aRow), a7 = a + (Math.Min(7, last) * aRow);
        V c0 = V.Of(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
        nint offset = 0;
        for (var k = 0; k < inner; k++, offset += aInner, b += bStride)
        {
            var x = V.Load(b);
            c0 = V.MultiplyAdd(V.Of(a0[offset]), x, c0);
            c1 = V.MultiplyAdd(V.Of(a1[offset]), x, c1);
            c2 = V.MultiplyAdd(V.Of(a2[offset]), x, c2);
            c3 = V.MultiplyAdd(V.Of(a3[offset]), x, c3);
            c4 = V.MultiplyAdd(V.Of(a4[offset]), x, c4);
            c5 = V.MultiplyAdd(V.Of(a5[offset]), x, c5);
            c6 = V.MultiplyAdd(V.Of(a6[offset]), x, c6);
            c7 = V.MultiplyAdd(V.Of(a7[offset]), x, c7);
        }

        Write(c, c0, accumulate);
        if (rows == 1)
        {
            return;
        }

        c += cStride;
        Write(c, c1, accumulate);
        if (rows == 2)
        {
            return;
        }

        c += cStride;
        Write(c, c2, accumulate);
        if (rows == 3)
        {
            return;
        }

        c += cStride;
        Write(c, c3, accumulate);
        if (rows == 4)
        {
            return;
        }

        c += cStride;
        Write(c, c4, accumulate);
        if (rows == 5)
        {
            return;
        }

        c += cStride;
        Write(c, c5, accumulate);
        if (rows == 6)
        {
            return;
        }

        c += cStride;
        Write(c, c6, accumulate);
        if (rows == 7)
        {
            return;
        }

        c += cStride;
        Write(c, c7, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<V>(float* c, V sum, bool accumulate)
        where V : unmanaged, IFloats<V> => (accumulate ? V.Load(c) + sum : sum).Store(c);
}
