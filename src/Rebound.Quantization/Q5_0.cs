using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>scale fp16, 32 fifth bits, 32 nibbles: value = (code − 16) · scale.</summary>
internal readonly unsafe struct Q5_0 : IPlainBlock
{
    public static int Values => 32;

    public static int Bytes => 22;

    public static int Zero => 16;

    public static bool HasMinimum => false;

    /// <summary>scale = value of the largest magnitude / −16; code = value / scale + 16.</summary>
    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            Packing.WriteHalf(blocks, Rounding.SignedCodes(values[..Values], 16, codes));
            BinaryPrimitives.WriteUInt32LittleEndian(blocks[2..], Packing.FifthBits(codes));
            Packing.PackNibbles(codes, blocks[6..Bytes], Values / 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group) => Packing.Nibbles(block + 6) | Packing.FifthBits(block + 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block, float* halves) => halves[*(ushort*)block];

    public static float Minimum(byte* block, float* halves) => 0;

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        (TLanes.Broadcast(Scale(block, halves)), TLanes.Broadcast(Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var bits = *(uint*)(block + 2) >> ((run * IBlockFormat.RunValues) + lane);
        var fifths = TLanes.WhereSet(TLanes.BroadcastBits(bits), TLanes.PowersOfTwo, TLanes.BroadcastBits(0x10));
        var codes = TLanes.Or(Nibbles<TVector, TLanes>.Codes(block + 6 + lane, upper: run == 1), fifths);
        return TLanes.Multiply(TLanes.Subtract(TLanes.ToSingle(codes), second), first);
    }
}
