using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The K-quantized types of GGUF: blocks of 256 values whose sub-blocks have quantized scales of their own. The order of
/// fp32 operations is that of ggml's reference (https://github.com/ggml-org/ggml, block layouts in ggml-common.h).
/// </summary>
internal static class SuperBlockDequantization
{
    private const int BlockValues = 256;

    /// <summary>Values that share a six-bit scale and minimum in Q4_K and Q5_K.</summary>
    private const int SubBlockValues = 32;

    /// <summary>
    /// scale fp16, scale of minima fp16, 12 bytes of eight six-bit (scale, minimum), 128 bytes of nibbles:
    /// value = code · (scale · s) − (minima's scale · m).
    /// </summary>
    public static void Q4_K(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 144;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[16..Bytes], codes, SubBlockValues);
            ScaleSubBlocks(blocks, codes, values);
        }
    }

    /// <summary>As Q4_K, with 32 bytes of fifth bits before the nibbles: bit n of byte i is for value i of sub-block n.</summary>
    public static void Q5_K(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 176;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[48..Bytes], codes, SubBlockValues);
            for (var i = 0; i < BlockValues; i += Vector128<sbyte>.Count)
            {
                var bytes = Vector128.Create(blocks[(16 + (i % SubBlockValues))..]);
                var fifth = ((bytes >>> (i / SubBlockValues)) & Vector128<byte>.One) << 4;
                (Vector128.Create<sbyte>(codes[i..]) | fifth.AsSByte()).CopyTo(codes[i..]);
            }

            ScaleSubBlocks(blocks, codes, values);
        }
    }

    /// <summary>
    /// 128 bytes of nibbles, 64 bytes of pairs of upper bits, 16 signed scales, scale fp16:
    /// value = (scale · s) · (code − 32), with one s for 16 values.
    /// </summary>
    public static void Q6_K(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        const int Bytes = 210;
        const int UpperBits = 128;
        const int Scales = 192;
        const int ScaledValues = 16;
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[BlockValues..])
        {
            Nibbles(blocks[..UpperBits], codes, 2 * SubBlockValues);
            for (var i = 0; i < BlockValues; i += Vector128<sbyte>.Count)
            {
                // Byte 32·(i / 128) + i mod 32 holds the upper bits of four values, 32 values apart.
                var bytes = Vector128.Create(blocks[(UpperBits + (i / 128 * 32) + (i % 32))..]);
                var upper = ((bytes >>> (i % 128 / 32 * 2)) & Vector128.Create((byte)3)) << 4;
                (Vector128.Create<sbyte>(codes[i..]) | upper.AsSByte()).CopyTo(codes[i..]);
            }

            Dequantization.Subtract(codes, 32);
            var scale = Dequantization.ReadHalf(blocks[(Bytes - 2)..]);
            var scales = MemoryMarshal.Cast<byte, sbyte>(blocks[Scales..(Bytes - 2)]);
            for (var i = 0; i < scales.Length; i++)
            {
                Dequantization.Scale(
                    codes.Slice(i * ScaledValues, ScaledValues), scale * scales[i], values[(i * ScaledValues)..]);
            }
        }
    }

    /// <summary>Runs of <paramref name="run"/> bytes to runs of low nibbles, each followed by its run of high nibbles.</summary>
    private static void Nibbles(ReadOnlySpan<byte> bytes, Span<sbyte> codes, int run)
    {
        for (var i = 0; i < bytes.Length; i += Vector128<byte>.Count)
        {
            var pairs = Vector128.Create(bytes[i..]);
            var low = (2 * (i / run * run)) + (i % run);
            (pairs & Vector128.Create((byte)0xF)).AsSByte().CopyTo(codes[low..]);
            (pairs >>> 4).AsSByte().CopyTo(codes[(low + run)..]);
        }
    }

    private static void ScaleSubBlocks(ReadOnlySpan<byte> block, ReadOnlySpan<sbyte> codes, Span<float> values)
    {
        var scale = Dequantization.ReadHalf(block);
        var minimum = Dequantization.ReadHalf(block[2..]);
        for (var i = 0; i < BlockValues / SubBlockValues; i++)
        {
            var (s, m) = ScaleAndMinimum(block[4..16], i);
            Dequantization.ScaleAndShift(
                codes.Slice(i * SubBlockValues, SubBlockValues), scale * s, -(minimum * m), values[(i * SubBlockValues)..]);
        }
    }

    /// <summary>
    /// Eight scales and eight minima of six bits in twelve bytes: the first four of each are the low bits of bytes 0–3 and
    /// 4–7; of the others, bytes 8–11 hold the low four bits and the top of bytes 0–7 the upper two.
    /// </summary>
    private static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int i) => i < 4
        ? (packed[i] & 63, packed[i + 4] & 63)
        : ((packed[i + 4] & 0xF) | (packed[i - 4] >> 6 << 4), (packed[i + 4] >> 4) | (packed[i] >> 6 << 4));
}
