using System.Runtime.CompilerServices;
using Rebound.Quantization;

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

/// <summary>A row of a register tile: one to three vectors of sums. Tiles of every kind are rows of these.</summary>
internal static unsafe class RegisterTile<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary><c>c += a · b</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row<TColumns>(
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

    /// <summary>Stores a row's sums, each with its addend unless that is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<TColumns>(TVector c0, TVector c1, TVector c2, float* c, float* addend)
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
}
