using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Quantization;

/// <summary>How block types pack codes.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// Every fp16 as fp32: reading it is faster than converting, and blocks use few of its lines. A loop takes it once before it begins.
    /// </summary>
    public static readonly float* Halves = WidenAllHalves();

    /// <summary>Bytes of a cache line.</summary>
    public const int LineBytes = 64;

    /// <summary>
    /// So far ahead weights are asked for: blocks are so short that what is computed from those on their way would not fill a core's
    /// window, and reading would wait for memory.
    /// </summary>
    private const int PrefetchBytes = 2048;

    /// <summary>Asks for what a loop over blocks comes to later; where there is nothing, nothing happens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* block)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(block + PrefetchBytes);
        }
    }

    public static void WriteHalf(Span<byte> bytes, float value) => BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);

    /// <summary>
    /// The low four bits of codes, by pairs of runs: a run of <paramref name="run"/> bytes has one run of codes in its low nibbles and the
    /// next in its high ones.
    /// </summary>
    public static void PackNibbles(ReadOnlySpan<sbyte> codes, Span<byte> bytes, int run)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var low = (2 * (i / run * run)) + (i % run);
            bytes[i] = (byte)((codes[low] & 0xF) | (codes[low + run] << 4));
        }
    }

    /// <summary>The fifth bits of 32 codes.</summary>
    public static uint FifthBits(ReadOnlySpan<sbyte> codes)
    {
        var bits = 0u;
        for (var i = 0; i < codes.Length; i++)
        {
            bits |= (uint)(codes[i] >> 4) << i;
        }

        return bits;
    }

    /// <summary>The codes of a block of 256 values in order, less that of zero.</summary>
    /// <param name="codes">[256], =.</param>
    /// <returns>The codes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Unpack<TFormat>(byte* block, byte* codes)
        where TFormat : struct, ISuperBlock
    {
        // Written out, so that shifts and offsets of a group are constants.
        var zero = Vector256.Create((byte)TFormat.Zero);
        (TFormat.Codes(block, 0) - zero).Store(codes);
        (TFormat.Codes(block, 1) - zero).Store(codes + 32);
        (TFormat.Codes(block, 2) - zero).Store(codes + 64);
        (TFormat.Codes(block, 3) - zero).Store(codes + 96);
        (TFormat.Codes(block, 4) - zero).Store(codes + 128);
        (TFormat.Codes(block, 5) - zero).Store(codes + 160);
        (TFormat.Codes(block, 6) - zero).Store(codes + 192);
        (TFormat.Codes(block, 7) - zero).Store(codes + 224);
        return codes;
    }

    /// <summary>16 bytes to 32 codes: the low nibbles, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Nibbles(byte* bytes)
    {
        var pairs = Vector128.Load(bytes);
        return Vector256.Create(pairs, (pairs.AsUInt16() >>> 4).AsByte()) & Vector256.Create((byte)0xF);
    }

    /// <summary>Bit i of 32 as bit 4 of byte i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FifthBits(byte* bits)
    {
        // Byte i gets the byte of the bits that has its own, and keeps that alone.
        var spread = Vector256.Shuffle(
            Vector256.Create(*(uint*)bits).AsByte(),
            Vector256.Create(
                (byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19));
        var own = Vector256.Create(0x8040201008040201ul).AsByte();
        return Vector256.Equals(spread & own, own) & Vector256.Create((byte)0x10);
    }

    private static float* WidenAllHalves()
    {
        const int Count = ushort.MaxValue + 1;
        var table = (float*)NativeMemory.AlignedAlloc(Count * sizeof(float), 64);
        for (var bits = 0; bits < Count; bits++)
        {
            table[bits] = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
        }

        return table;
    }
}
