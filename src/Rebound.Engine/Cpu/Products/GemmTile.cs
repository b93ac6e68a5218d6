using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>
/// The register tile of a matrix product: 4 or 8 rows by one to three vectors, accumulated in registers over the depth
/// of two packed panels. With AVX-512 the full tile is 8 × 48: 24 accumulators, three vectors of B, one broadcast of A,
/// so that 24 multiply-adds take 11 loads.
/// </summary>
internal static unsafe class GemmTile<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary>Rows of a tile, 4 or 8: as many as leave registers for its operands.</summary>
    public static int TileRows => TLanes.Count == Lanes512.Count ? 8 : 4;

    /// <summary><c>c = addend + Σ_k a[k] ⊗ b[k]</c>, k rising from 0; the sum is formed first, then the addend joins it.</summary>
    /// <param name="a">[depth, TileRows], of which the first rows are used.</param>
    /// <param name="b">[depth, columns].</param>
    /// <param name="depth">At least 1.</param>
    /// <param name="c">The tile's corner in a row-major matrix.</param>
    /// <param name="addend">Laid out as <paramref name="c"/> with its own stride (0 repeats one row), perhaps c itself; or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRows, TColumns>(
        float* a, float* b, nint depth, float* c, nint strideC, float* addend, nint strideAddend)
        where TRows : IConstant
        where TColumns : IConstant
    {
        var zero = TLanes.Broadcast(0);
        TVector r0c0 = zero, r0c1 = zero, r0c2 = zero, r1c0 = zero, r1c1 = zero, r1c2 = zero;
        TVector r2c0 = zero, r2c1 = zero, r2c2 = zero, r3c0 = zero, r3c1 = zero, r3c2 = zero;
        TVector r4c0 = zero, r4c1 = zero, r4c2 = zero, r5c0 = zero, r5c1 = zero, r5c2 = zero;
        TVector r6c0 = zero, r6c1 = zero, r6c2 = zero, r7c0 = zero, r7c1 = zero, r7c2 = zero;
        Prefetch<TRows, TColumns>(c, strideC);
        do
        {
            var b0 = TLanes.Load(b);
            var b1 = TColumns.Value > 1 ? TLanes.Load(b + TLanes.Count) : b0;
            var b2 = TColumns.Value > 2 ? TLanes.Load(b + (2 * TLanes.Count)) : b0;
            RegisterTile<TVector, TLanes>.Row<TColumns>(a[0], b0, b1, b2, ref r0c0, ref r0c1, ref r0c2);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a[1], b0, b1, b2, ref r1c0, ref r1c1, ref r1c2);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a[2], b0, b1, b2, ref r2c0, ref r2c1, ref r2c2);
            RegisterTile<TVector, TLanes>.Row<TColumns>(a[3], b0, b1, b2, ref r3c0, ref r3c1, ref r3c2);
            if (TRows.Value > 4)
            {
                RegisterTile<TVector, TLanes>.Row<TColumns>(a[4], b0, b1, b2, ref r4c0, ref r4c1, ref r4c2);
                RegisterTile<TVector, TLanes>.Row<TColumns>(a[5], b0, b1, b2, ref r5c0, ref r5c1, ref r5c2);
                RegisterTile<TVector, TLanes>.Row<TColumns>(a[6], b0, b1, b2, ref r6c0, ref r6c1, ref r6c2);
                RegisterTile<TVector, TLanes>.Row<TColumns>(a[7], b0, b1, b2, ref r7c0, ref r7c1, ref r7c2);
            }

            a += TileRows;
            b += TColumns.Value * TLanes.Count;
        }
        while (--depth > 0);

        RegisterTile<TVector, TLanes>.Finish<TColumns>(r0c0, r0c1, r0c2, c, addend);
        RegisterTile<TVector, TLanes>.Finish<TColumns>(r1c0, r1c1, r1c2, c += strideC, addend = Next(addend, strideAddend));
        RegisterTile<TVector, TLanes>.Finish<TColumns>(r2c0, r2c1, r2c2, c += strideC, addend = Next(addend, strideAddend));
        RegisterTile<TVector, TLanes>.Finish<TColumns>(r3c0, r3c1, r3c2, c += strideC, addend = Next(addend, strideAddend));
        if (TRows.Value > 4)
        {
            RegisterTile<TVector, TLanes>.Finish<TColumns>(r4c0, r4c1, r4c2, c += strideC, addend = Next(addend, strideAddend));
            RegisterTile<TVector, TLanes>.Finish<TColumns>(r5c0, r5c1, r5c2, c += strideC, addend = Next(addend, strideAddend));
            RegisterTile<TVector, TLanes>.Finish<TColumns>(r6c0, r6c1, r6c2, c += strideC, addend = Next(addend, strideAddend));
            RegisterTile<TVector, TLanes>.Finish<TColumns>(r7c0, r7c1, r7c2, c + strideC, Next(addend, strideAddend));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Next(float* addend, nint stride) => addend == null ? null : addend + stride;

    /// <summary>Asks for the tile's cache lines, which are needed when the sums are done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TRows, TColumns>(float* c, nint strideC)
        where TRows : IConstant
        where TColumns : IConstant
    {
        if (Sse.IsSupported)
        {
            for (var row = 0; row < TRows.Value; row++)
            {
                Sse.Prefetch0(c);
                Sse.Prefetch0(c + (TColumns.Value * TLanes.Count / 2));
                Sse.Prefetch0(c + (TColumns.Value * TLanes.Count) - 1);
                c += strideC;
            }
        }
    }
}
