using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Quantization;

/// <summary>IEEE binary16, rounded to the nearest, ties to even.</summary>
internal readonly unsafe struct Float16 : IBlockFormat
{
    /// <summary>From the exponent's zero of a binary16 to that of a binary32, in the latter's bits.</summary>
    private const uint ExponentStep = (127 - 15) << 23;

    private const uint ExponentBits = 0x7C00;

    public static int Values => 1;

    public static int Bytes => sizeof(ushort);

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var bits = TLanes.Words(block + (Bytes * ((run * IBlockFormat.RunValues) + lane)));
        var magnitude = TLanes.AddBits(
            TLanes.ShiftLeft(TLanes.And(bits, TLanes.BroadcastBits(0x7FFF)), 13), TLanes.BroadcastBits(ExponentStep));

        // What is not finite has the largest exponent in both.
        var exponent = TLanes.BroadcastBits(ExponentBits);
        magnitude = TLanes.AddBits(magnitude, TLanes.WhereSet(bits, exponent, TLanes.BroadcastBits(ExponentStep)));

        // A subnormal one has no leading bit: it is given one, as the next exponent's, and that is taken away as fp32.
        var isSubnormal = TLanes.WhereZero(TLanes.And(bits, exponent), TLanes.BroadcastBits(uint.MaxValue));
        magnitude = TLanes.AddBits(magnitude, TLanes.And(isSubnormal, TLanes.BroadcastBits(1 << 23)));
        magnitude = TLanes.Subtract(magnitude, TLanes.And(isSubnormal, TLanes.BroadcastBits(ExponentStep + (1 << 23))));
        return TLanes.Or(magnitude, TLanes.ShiftLeft(TLanes.And(bits, TLanes.BroadcastBits(0x8000)), 16));
    }

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks) =>
        HalfPrecision.NarrowFloat16(values, MemoryMarshal.Cast<byte, ushort>(blocks));
}
