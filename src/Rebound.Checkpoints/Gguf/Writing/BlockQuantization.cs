using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// fp32 to the quantized types whose blocks have 32 values and one scale, with the bytes of gguf-py's reference
/// (https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py): the same roundings in the same order, and, as there, codes
/// of values that overflow a tiny scale's inverse are zero.
/// </summary>
internal static class BlockQuantization
{
    private const int BlockValues = 32;

    /// <summary>scale = largest magnitude / 127; code = value / scale, rounded half away from zero.</summary>
    public static void Q8_0(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 34;
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            var block = values[..BlockValues];
            var scale = MathF.Abs(TensorPrimitives.MaxMagnitude(block)) / 127;
            var inverse = Inverse(scale);
            WriteHalf(blocks, scale);
            for (var i = 0; i < BlockValues; i++)
            {
                blocks[2 + i] = (byte)(sbyte)Code(MathF.Round(block[i] * inverse, MidpointRounding.AwayFromZero));
            }
        }
    }

    /// <summary>scale = value of the largest magnitude / −8; code = value / scale + 8.</summary>
    public static void Q4_0(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 18;
        Span<byte> codes = stackalloc byte[BlockValues];
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            WriteHalf(blocks, SignedCodes(values[..BlockValues], 8, codes));
            PackNibbles(codes, blocks[2..Bytes]);
        }
    }

    /// <summary>minimum = smallest value, scale = range / 15; code = (value − minimum) / scale.</summary>
    public static void Q4_1(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 20;
        Span<byte> codes = stackalloc byte[BlockValues];
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            var (scale, minimum) = ShiftedCodes(values[..BlockValues], 15, codes);
            WriteHalf(blocks, scale);
            WriteHalf(blocks[2..], minimum);
            PackNibbles(codes, blocks[4..Bytes]);
        }
    }

    /// <summary>As Q4_0 with −16 and 16, the codes' fifth bits before the nibbles.</summary>
    public static void Q5_0(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 22;
        Span<byte> codes = stackalloc byte[BlockValues];
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            WriteHalf(blocks, SignedCodes(values[..BlockValues], 16, codes));
            BinaryPrimitives.WriteUInt32LittleEndian(blocks[2..], FifthBits(codes));
            PackNibbles(codes, blocks[6..Bytes]);
        }
    }

    /// <summary>As Q4_1 with 31, the codes' fifth bits before the nibbles.</summary>
    public static void Q5_1(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 24;
        Span<byte> codes = stackalloc byte[BlockValues];
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            var (scale, minimum) = ShiftedCodes(values[..BlockValues], 31, codes);
            WriteHalf(blocks, scale);
            WriteHalf(blocks[2..], minimum);
            BinaryPrimitives.WriteUInt32LittleEndian(blocks[4..], FifthBits(codes));
            PackNibbles(codes, blocks[8..Bytes]);
        }
    }

    public static void WriteHalf(Span<byte> bytes, float value) => BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);

    /// <summary>Codes from 0 to 2·<paramref name="zero"/> − 1; the product and the sum are fp64, as in the reference.</summary>
    /// <returns>The scale.</returns>
    private static float SignedCodes(ReadOnlySpan<float> block, int zero, Span<byte> codes)
    {
        // The first of equal magnitudes, whatever its sign.
        var largest = block[0];
        foreach (var value in block)
        {
            largest = MathF.Abs(value) > MathF.Abs(largest) ? value : largest;
        }

        var scale = largest / -zero;
        double inverse = Inverse(scale);
        for (var i = 0; i < block.Length; i++)
        {
            codes[i] = (byte)Math.Clamp(Code((float)((block[i] * inverse) + (zero + 0.5))), 0, (2 * zero) - 1);
        }

        return scale;
    }

    /// <summary>Codes from 0 to <paramref name="most"/>.</summary>
    private static (float Scale, float Minimum) ShiftedCodes(ReadOnlySpan<float> block, int most, Span<byte> codes)
    {
        var minimum = TensorPrimitives.Min(block);
        var scale = (TensorPrimitives.Max(block) - minimum) / most;
        var inverse = Inverse(scale);
        for (var i = 0; i < block.Length; i++)
        {
            codes[i] = (byte)Math.Clamp(Code(((block[i] - minimum) * inverse) + 0.5f), 0, most);
        }

        return (scale, minimum);
    }

    private static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    private static int Code(float value) => float.IsFinite(value) ? (int)value : 0;

    /// <summary>32 codes to 16 bytes: the first half into the low nibbles, the second into the high ones.</summary>
    private static void PackNibbles(ReadOnlySpan<byte> codes, Span<byte> bytes)
    {
        for (var i = 0; i < BlockValues / 2; i++)
        {
            bytes[i] = (byte)((codes[i] & 0xF) | (codes[i + (BlockValues / 2)] << 4));
        }
    }

    private static uint FifthBits(ReadOnlySpan<byte> codes)
    {
        var bits = 0u;
        for (var i = 0; i < codes.Length; i++)
        {
            bits |= (uint)(codes[i] >> 4) << i;
        }

        return bits;
    }
}
