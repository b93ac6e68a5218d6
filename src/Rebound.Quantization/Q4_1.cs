using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>scale fp16, minimum fp16, 32 nibbles: value = code · scale + minimum.</summary>
internal readonly unsafe struct Q4_1 : IPlainBlock
{
    public static int Values => 32;

    public static int Bytes => 20;

    public static int Zero => 0;

    public static bool HasMinimum => true;

    /// <summary>minimum = smallest value, scale = range / 15; code = (value − minimum) / scale.</summary>
    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            var (scale, minimum) = Rounding.ShiftedCodes(values[..Values], 15, codes);
            Packing.WriteHalf(blocks, scale);
            Packing.WriteHalf(blocks[2..], minimum);
            Packing.PackNibbles(codes, blocks[4..Bytes], Values / 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group) => Packing.Nibbles(block + 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block, float* halves) => halves[*(ushort*)block];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Minimum(byte* block, float* halves) => halves[*(ushort*)(block + 2)];

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        Nibbles<TVector, TLanes>.Shifted(Scale(block, halves), Minimum(block, halves));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        Nibbles<TVector, TLanes>.ShiftedValues(block + 4 + lane, upper: run == 1, first, second);
}
