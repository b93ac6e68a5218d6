using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>A small matrix that lies in the cache.</summary>
/// <param name="first">Its first element.</param>
/// <param name="row">Elements from one row to the next.</param>
/// <param name="column">Elements from one column to the next: 1, or more for a transposed matrix.</param>
internal readonly unsafe struct TileMatrix(float* first, nint row, nint column = 1)
{
    public readonly float* First = first;
    public readonly nint Row = row;
    public readonly nint Column = column;

    public TileMatrix At(nint row, nint column) => new(First + (row * Row) + (column * Column), Row, Column);
}

/// <summary>
/// Products of small matrices that lie in the cache, without packing: the products of attention's tiles. Every element
/// is one sum in rising order of the inner index.
/// </summary>
internal static unsafe class Tile
{
    /// <summary><c>C[r,n] (+)= Σ_k A[r,k]·B[k,n]</c>. A may be transposed at no cost; rows of B and C are contiguous.</summary>
    /// <param name="accumulate">C += instead of C =.</param>
    public static void Multiply(TileMatrix c, TileMatrix a, TileMatrix b, int rows, int columns, int inner, bool accumulate)
    {
        var done = 0;
        if (Avx512F.IsSupported)
        {
            // Two vectors of columns at a time need 16 accumulators: only AVX-512 has the registers.
            done = Tile<Vector512<float>, Lanes512>.Columns<Two>(done, c, a, b, rows, columns, inner, accumulate);
            done = Tile<Vector512<float>, Lanes512>.Columns<One>(done, c, a, b, rows, columns, inner, accumulate);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            done = Tile<Vector256<float>, Lanes256>.Columns<One>(done, c, a, b, rows, columns, inner, accumulate);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            done = Tile<Vector128<float>, Lanes128>.Columns<One>(done, c, a, b, rows, columns, inner, accumulate);
        }

        Tile<float, Lanes1>.Columns<One>(done, c, a, b, rows, columns, inner, accumulate);
    }
}

/// <summary>The register tile of such a product: eight rows of one or two vectors.</summary>
internal static unsafe class Tile<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    private const int Rows = 8;

    /// <summary>As many columns as whole tiles cover, from <paramref name="done"/> on; returns the columns done.</summary>
    public static int Columns<TColumns>(
        int done, TileMatrix c, TileMatrix a, TileMatrix b, int rows, int columns, int inner, bool accumulate)
        where TColumns : IConstant
    {
        for (; done + (TColumns.Value * TLanes.Count) <= columns; done += TColumns.Value * TLanes.Count)
        {
            for (var r = 0; r < rows; r += Rows)
            {
                Run<TColumns>(c.At(r, done), a.At(r, 0), b.At(0, done), Math.Min(Rows, rows - r), inner, accumulate);
            }
        }

        return done;
    }

    /// <summary>Of fewer than eight rows the last is computed again in place of those missing, and written once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TColumns>(TileMatrix c, TileMatrix a, TileMatrix b, int rows, int inner, bool accumulate)
        where TColumns : IConstant
    {
        nint last = rows - 1, rowA = a.Row, innerA = a.Column, strideB = b.Row;
        float* a0 = a.First, a1 = a0 + (Math.Min(1, last) * rowA), a2 = a0 + (Math.Min(2, last) * rowA);
        float* a3 = a0 + (Math.Min(3, last) * rowA), a4 = a0 + (Math.Min(4, last) * rowA), a5 = a0 + (Math.Min(5, last) * rowA);
        float* a6 = a0 + (Math.Min(6, last) * rowA), a7 = a0 + (Math.Min(7, last) * rowA);
        var none = TLanes.Broadcast(0);
        TVector r0c0 = none, r1c0 = none, r2c0 = none, r3c0 = none, r4c0 = none, r5c0 = none, r6c0 = none, r7c0 = none;
        TVector r0c1 = none, r1c1 = none, r2c1 = none, r3c1 = none, r4c1 = none, r5c1 = none, r6c1 = none, r7c1 = none;
        var from = b.First;
        nint offset = 0;
        for (var k = 0; k < inner; k++, offset += innerA, from += strideB)
        {
            var b0 = TLanes.Load(from);
            var b1 = TColumns.Value > 1 ? TLanes.Load(from + TLanes.Count) : b0;
            RegisterTile<TVector, TLanes>.Row<TColumns>(a0[offset], b0, b1, b1, ref r0c0, ref r0c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a1[offset], b0, b1, b1, ref r1c0, ref r1c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a2[offset], b0, b1, b1, ref r2c0, ref r2c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a3[offset], b0, b1, b1, ref r3c0, ref r3c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a4[offset], b0, b1, b1, ref r4c0, ref r4c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a5[offset], b0, b1, b1, ref r5c0, ref r5c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a6[offset], b0, b1, b1, ref r6c0, ref r6c1, ref none);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a7[offset], b0, b1, b1, ref r7c0, ref r7c1, ref none);
        }

        var to = c.First;
        Write<TColumns>(0, rows, ref to, c.Row, r0c0, r0c1, accumulate);
        Write<TColumns>(1, rows, ref to, c.Row, r1c0, r1c1, accumulate);
        Write<TColumns>(2, rows, ref to, c.Row, r2c0, r2c1, accumulate);
        Write<TColumns>(3, rows, ref to, c.Row, r3c0, r3c1, accumulate);
        Write<TColumns>(4, rows, ref to, c.Row, r4c0, r4c1, accumulate);
        Write<TColumns>(5, rows, ref to, c.Row, r5c0, r5c1, accumulate);
        Write<TColumns>(6, rows, ref to, c.Row, r6c0, r6c1, accumulate);
        Write<TColumns>(7, rows, ref to, c.Row, r7c0, r7c1, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TColumns>(int row, int rows, ref float* to, nint stride, TVector c0, TVector c1, bool accumulate)
        where TColumns : IConstant
    {
        if (row < rows)
        {
            RegisterTile<TVector, TLanes>.Finish<TColumns>(c0, c1, c1, to, accumulate ? to : null);
            to += stride;
        }
    }
}
