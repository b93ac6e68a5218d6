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

    public static void Read(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[Values..])
        {
            Packing.Nibbles(blocks[6..Bytes], codes, Values / 2);
            Packing.AddFifthBits(BinaryPrimitives.ReadUInt32LittleEndian(blocks[2..]), codes);
            Packing.Subtract(codes, 16);
            Packing.Scale(codes, Packing.ReadHalf(blocks), values);
        }
    }

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
}
