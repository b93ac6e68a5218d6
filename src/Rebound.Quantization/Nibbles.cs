using System.Runtime.CompilerServices;

namespace Rebound.Quantization;

/// <summary>
/// Values of codes of four bits, widened in registers. Where vectors have 16 lanes, a group's scales give a table of all 16
/// values, by the operations that would else be those of each value, and codes look theirs up.
/// </summary>
internal static unsafe class Nibbles<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary>The scales of codes with <c>value = code · scale + shift</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Shifted(float scale, float shift)
    {
        var (scales, shifts) = (TLanes.Broadcast(scale), TLanes.Broadcast(shift));
        return TLanes.HasLookup
            ? (TLanes.Add(TLanes.Multiply(TLanes.Rising(0), scales), shifts), shifts)
            : (scales, shifts);
    }

    /// <summary>The scale of codes with <c>value = (code − zero) · scale</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Signed(float scale, float zero)
    {
        var scales = TLanes.Broadcast(scale);
        return TLanes.HasLookup ? (TLanes.Multiply(TLanes.Rising(-zero), scales), scales) : (scales, TLanes.Broadcast(zero));
    }

    /// <summary>Values of <see cref="Shifted"/>.</summary>
    /// <param name="pairs">A code in the lower four bits of each byte, and one in the upper.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ShiftedValues(byte* pairs, bool upper, TVector first, TVector second) => TLanes.HasLookup
        ? Look(pairs, upper, first)
        : TLanes.Add(TLanes.Multiply(TLanes.ToSingle(Codes(pairs, upper)), first), second);

    /// <summary>Values of <see cref="Signed"/>.</summary>
    /// <param name="pairs">A code in the lower four bits of each byte, and one in the upper.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SignedValues(byte* pairs, bool upper, TVector first, TVector second) => TLanes.HasLookup
        ? Look(pairs, upper, first)
        : TLanes.Multiply(TLanes.Subtract(TLanes.ToSingle(Codes(pairs, upper)), second), first);

    /// <summary>The codes themselves, as integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Codes(byte* pairs, bool upper) => upper
        ? TLanes.ShiftRight(TLanes.Bytes(pairs), 4)
        : TLanes.And(TLanes.Bytes(pairs), TLanes.BroadcastBits(0xF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Look(byte* pairs, bool upper, TVector table)
    {
        var codes = TLanes.Bytes(pairs);
        return TLanes.Lookup(table, upper ? TLanes.ShiftRight(codes, 4) : codes);
    }
}
