using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// The header that Q4_K and Q5_K have: scale fp16, scale of minima fp16, and 12 bytes of eight six-bit (scale s, minimum m):
/// value = code · (scale · s) − (minima's scale · m), with one s and m for 32 values.
/// </summary>
internal static unsafe class AffineBlocks
{
    /// <summary>Values that share a scale and a minimum.</summary>
    public const int GroupValues = 32;

    /// <summary>Bytes before the codes.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Groups of a block.</summary>
    public const int Groups = 8;

    /// <summary>Writes what is before the codes.</summary>
    public static void WriteHeader(AffineSearch found, Span<byte> block)
    {
        Packing.WriteHalf(block, found.Scale);
        Packing.WriteHalf(block[2..], found.Minimum);
        var packed = block[4..HeaderBytes];
        var scales = found.Scales;
        var minima = found.Minima;
        for (var i = 0; i < 4; i++)
        {
            packed[i] = (byte)(scales[i] | (scales[i + 4] >> 4 << 6));
            packed[i + 4] = (byte)(minima[i] | (minima[i + 4] >> 4 << 6));
            packed[i + 8] = (byte)((scales[i + 4] & 0xF) | (minima[i + 4] << 4));
        }
    }

    /// <summary>
    /// Scale · s and −(minima's scale · m) of all groups. Of eight s and eight m of six bits in twelve bytes the first four of each are the
    /// low bits of bytes 0–3 and 4–7; of the others, bytes 8–11 hold the low four bits and the top of bytes 0–7 the upper two.
    /// </summary>
    /// <param name="scales">[8], =.</param>
    /// <param name="minima">[8], =.</param>
    /// <param name="halves">Every fp16 as fp32 (<see cref="Packing.Halves"/>).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, float* scales, float* minima, float* halves)
    {
        var (a, b, c) = (*(uint*)(block + 4), *(uint*)(block + 8), *(uint*)(block + 12));
        var s = ((ulong)((c & 0x0F0F0F0Fu) | ((a >> 2) & 0x30303030u)) << 32) | (a & 0x3F3F3F3Fu);
        var m = ((ulong)(((c >> 4) & 0x0F0F0F0Fu) | ((b >> 2) & 0x30303030u)) << 32) | (b & 0x3F3F3F3Fu);
        (Vector256.Create(halves[*(ushort*)block]) * ToSingle(s)).Store(scales);
        (-(Vector256.Create(halves[*(ushort*)(block + 2)]) * ToSingle(m))).Store(minima);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ToSingle(ulong bytes)
    {
        var words = Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte());
        var (lower, upper) = Vector128.Widen(words);
        return Vector256.ConvertToSingle(Vector256.Create(lower, upper).AsInt32());
    }
}
