using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>scale fp16, 32 nibbles: value = (code − 8) · scale.</summary>
internal readonly unsafe struct Q4_0 : IPlainBlock
{
    public static int Values => 32;

    public static int Bytes => 18;

    public static int Zero => 8;

    public static bool HasMinimum => false;

    /// <summary>scale = value of the largest magnitude / −8; code = value / scale + 8.</summary>
    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            Packing.WriteHalf(blocks, Rounding.SignedCodes(values[..Values], 8, codes));
            Packing.PackNibbles(codes, blocks[2..Bytes], Values / 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group) => Packing.Nibbles(block + 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block, float* halves) => halves[*(ushort*)block];

    public static float Minimum(byte* block, float* halves) => 0;

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        Nibbles<TVector, TLanes>.Signed(Scale(block, halves), Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        Nibbles<TVector, TLanes>.SignedValues(block + 2 + lane, upper: run == 1, first, second);
}
