using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The plain types of GGUF, and the quantized ones whose blocks have 32 values and one scale. All arithmetic is fp32
/// in the order of ggml's reference (https://github.com/ggml-org/ggml, block layouts in ggml-common.h), so that
/// the values are the same to the last bit.
/// </summary>
internal static class Dequantization
{
    private const int BlockValues = 32;

    public static void Float32(ReadOnlySpan<byte> blocks, Span<float> values) =>
        blocks.CopyTo(MemoryMarshal.AsBytes(values));

    public static void Float16(ReadOnlySpan<byte> blocks, Span<float> values) =>
        HalfPrecision.WidenFloat16(MemoryMarshal.Cast<byte, ushort>(blocks), values);

    public static void BFloat16(ReadOnlySpan<byte> blocks, Span<float> values) =>
        HalfPrecision.WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(blocks), values);

    /// <summary>scale fp16, 32 signed bytes: value = code · scale.</summary>
    public static void Q8_0(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 34;
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Scale(MemoryMarshal.Cast<byte, sbyte>(blocks[2..Bytes]), ReadHalf(blocks), values);
        }
    }

    /// <summary>scale fp16, 32 nibbles: value = (code − 8) · scale.</summary>
    public static void Q4_0(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 18;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[2..], codes);
            Subtract(codes, 8);
            Scale(codes, ReadHalf(blocks), values);
        }
    }

    /// <summary>scale fp16, minimum fp16, 32 nibbles: value = code · scale + minimum.</summary>
    public static void Q4_1(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 20;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[4..], codes);
            ScaleAndShift(codes, ReadHalf(blocks), ReadHalf(blocks[2..]), values);
        }
    }

    /// <summary>scale fp16, 32 fifth bits, 32 nibbles: value = (code − 16) · scale.</summary>
    public static void Q5_0(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 22;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[6..], codes);
            AddFifthBits(BinaryPrimitives.ReadUInt32LittleEndian(blocks[2..]), codes);
            Subtract(codes, 16);
            Scale(codes, ReadHalf(blocks), values);
        }
    }

    /// <summary>scale fp16, minimum fp16, 32 fifth bits, 32 nibbles: value = code · scale + minimum.</summary>
    public static void Q5_1(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 24;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[8..], codes);
            AddFifthBits(BinaryPrimitives.ReadUInt32LittleEndian(blocks[4..]), codes);
            ScaleAndShift(codes, ReadHalf(blocks), ReadHalf(blocks[2..]), values);
        }
    }

    public static float ReadHalf(ReadOnlySpan<byte> bytes) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);

    /// <summary>value = code · scale, for a multiple of 16 codes.</summary>
    public static void Scale(ReadOnlySpan<sbyte> codes, float scale, Span<float> values)
    {
        var factor = Vector256.Create(scale);
        for (var i = 0; i < codes.Length; i += Vector128<sbyte>.Count)
        {
            var (lower, upper) = ToSingle(Vector128.Create(codes[i..]));
            (lower * factor).CopyTo(values[i..]);
            (upper * factor).CopyTo(values[(i + Vector256<float>.Count)..]);
        }
    }

    /// <summary>value = code · scale + shift, rounded after each operation, for a multiple of 16 codes.</summary>
    public static void ScaleAndShift(ReadOnlySpan<sbyte> codes, float scale, float shift, Span<float> values)
    {
        var factor = Vector256.Create(scale);
        var summand = Vector256.Create(shift);
        for (var i = 0; i < codes.Length; i += Vector128<sbyte>.Count)
        {
            var (lower, upper) = ToSingle(Vector128.Create(codes[i..]));
            ((lower * factor) + summand).CopyTo(values[i..]);
            ((upper * factor) + summand).CopyTo(values[(i + Vector256<float>.Count)..]);
        }
    }

    public static void Subtract(Span<sbyte> codes, sbyte zero)
    {
        for (var i = 0; i < codes.Length; i += Vector128<sbyte>.Count)
        {
            (Vector128.Create<sbyte>(codes[i..]) - Vector128.Create(zero)).CopyTo(codes[i..]);
        }
    }

    /// <summary>16 bytes to 32 codes: the low nibbles, then the high ones.</summary>
    private static void Nibbles(ReadOnlySpan<byte> bytes, Span<sbyte> codes)
    {
        var pairs = Vector128.Create(bytes);
        (pairs & Vector128.Create((byte)0xF)).AsSByte().CopyTo(codes);
        (pairs >>> 4).AsSByte().CopyTo(codes[16..]);
    }

    private static void AddFifthBits(uint bits, Span<sbyte> codes)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] |= (sbyte)(((bits >> i) & 1) << 4);
        }
    }

    private static (Vector256<float> Lower, Vector256<float> Upper) ToSingle(Vector128<sbyte> codes)
    {
        var (lower, upper) = Vector128.Widen(codes);
        var (first, second) = Vector256.Widen(Vector256.Create(lower, upper));
        return (Vector256.ConvertToSingle(first), Vector256.ConvertToSingle(second));
    }
}
