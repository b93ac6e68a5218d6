using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Quantization;

/// <summary>The upper half of a binary32, rounded to the nearest, ties to even.</summary>
internal readonly unsafe struct BFloat16 : IBlockFormat
{
    public static int Values => 1;

    public static int Bytes => sizeof(ushort);

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        TLanes.ShiftLeft(TLanes.Words(block + (Bytes * ((run * IBlockFormat.RunValues) + lane))), 16);

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks) =>
        HalfPrecision.NarrowBFloat16(values, MemoryMarshal.Cast<byte, ushort>(blocks));
}
