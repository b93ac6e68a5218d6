using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Engine.Cpu;

/// <summary>A constant that the JIT sees: the branches on it vanish.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

internal readonly struct One : IConstant
{
    public static int Value => 1;
}

internal readonly struct Two : IConstant
{
    public static int Value => 2;
}

internal readonly struct Three : IConstant
{
    public static int Value => 3;
}

internal readonly struct Four : IConstant
{
    public static int Value => 4;
}

internal readonly struct Eight : IConstant
{
    public static int Value => 8;
}

/// <summary>
/// The register tile of a matrix product: 4 or 8 rows by one to three vectors, accumulated in registers over the depth
/// of two packed panels. With AVX-512 the full tile is 8 × 48: 24 accumulators, three vectors of B, one broadcast of A,
/// so that 24 multiply-adds take 11 loads.
/// </summary>
internal static unsafe class GemmTile<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
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
            Row<TColumns>(a[0], b0, b1, b2, ref r0c0, ref r0c1, ref r0c2);
            Row<TColumns>(a[1], b0, b1, b2, ref r1c0, ref r1c1, ref r1c2);
            Row<TColumns>(a[2], b0, b1, b2, ref r2c0, ref r2c1, ref r2c2);
            Row<TColumns>(a[3], b0, b1, b2, ref r3c0, ref r3c1, ref r3c2);
            if (TRows.Value > 4)
            {
                Row<TColumns>(a[4], b0, b1, b2, ref r4c0, ref r4c1, ref r4c2);
                Row<TColumns>(a[5], b0, b1, b2, ref r5c0, ref r5c1, ref r5c2);
                Row<TColumns>(a[6], b0, b1, b2, ref r6c0, ref r6c1, ref r6c2);
                Row<TColumns>(a[7], b0, b1, b2, ref r7c0, ref r7c1, ref r7c2);
            }

            a += TLanes.TileRows;
            b += TColumns.Value * TLanes.Count;
        }
        while (--depth > 0);

        Finish<TColumns>(r0c0, r0c1, r0c2, c, addend);
        Finish<TColumns>(r1c0, r1c1, r1c2, c += strideC, addend = Next(addend, strideAddend));
        Finish<TColumns>(r2c0, r2c1, r2c2, c += strideC, addend = Next(addend, strideAddend));
        Finish<TColumns>(r3c0, r3c1, r3c2, c += strideC, addend = Next(addend, strideAddend));
        if (TRows.Value > 4)
        {
            Finish<TColumns>(r4c0, r4c1, r4c2, c += strideC, addend = Next(addend, strideAddend));
            Finish<TColumns>(r5c0, r5c1, r5c2, c += strideC, addend = Next(addend, strideAddend));
            Finish<TColumns>(r6c0, r6c1, r6c2, c += strideC, addend = Next(addend, strideAddend));
            Finish<TColumns>(r7c0, r7c1, r7c2, c + strideC, Next(addend, strideAddend));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TColumns>(
        float a, TVector b0, TVector b1, TVector b2, ref TVector c0, ref TVector c1, ref TVector c2)
        where TColumns : IConstant
    {
        var broadcast = TLanes.Broadcast(a);
        c0 = TLanes.MultiplyAdd(broadcast, b0, c0);
        if (TColumns.Value > 1)
        {
            c1 = TLanes.MultiplyAdd(broadcast, b1, c1);
        }

        if (TColumns.Value > 2)
        {
            c2 = TLanes.MultiplyAdd(broadcast, b2, c2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Next(float* addend, nint stride) => addend == null ? null : addend + stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TColumns>(TVector c0, TVector c1, TVector c2, float* c, float* addend)
        where TColumns : IConstant
    {
        if (addend != null)
        {
            c0 = TLanes.Add(c0, TLanes.Load(addend));
            c1 = TColumns.Value > 1 ? TLanes.Add(c1, TLanes.Load(addend + TLanes.Count)) : c1;
            c2 = TColumns.Value > 2 ? TLanes.Add(c2, TLanes.Load(addend + (2 * TLanes.Count))) : c2;
        }

        TLanes.Store(c0, c);
        if (TColumns.Value > 1)
        {
            TLanes.Store(c1, c + TLanes.Count);
        }

        if (TColumns.Value > 2)
        {
            TLanes.Store(c2, c + (2 * TLanes.Count));
        }
    }

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
