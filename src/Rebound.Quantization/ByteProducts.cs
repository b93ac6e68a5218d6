using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Quantization;

/// <summary>Products of bytes, summed in fours: exact, so the same on every processor.</summary>
internal static class ByteProducts
{
    /// <summary>Whether the processor has instructions for them.</summary>
    public static bool IsAccelerated => Avx2.IsSupported || Dp.IsSupported;

    /// <summary><c>sums[i] + Σ codes[4·i + j] · rounded[4·i + j]</c> over j from 0 to 3.</summary>
    /// <param name="codes">From 0 to 127.</param>
    /// <param name="rounded">From −127 to 127.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> rounded)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sums, codes, rounded);
        }

        if (Avx2.IsSupported)
        {
            // Two products of at most 127 · 127 fit 16 bits.
            return sums + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(codes, rounded), Vector256<short>.One);
        }

        if (Dp.IsSupported)
        {
            return Vector256.Create(
                Dp.DotProduct(sums.GetLower(), codes.GetLower().AsSByte(), rounded.GetLower()),
                Dp.DotProduct(sums.GetUpper(), codes.GetUpper().AsSByte(), rounded.GetUpper()));
        }

        return OneByOne(sums, codes, rounded);
    }

    /// <summary>As <see cref="MultiplyAdd"/>, of codes up to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddWide(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> rounded)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sums, codes, rounded);
        }

        var upper = (codes.AsUInt16() >>> 7).AsByte() & Vector256<byte>.One;
        return MultiplyAdd(sums, codes & Vector256.Create((byte)0x7F), rounded) + (MultiplyAdd(Vector256<int>.Zero, upper, rounded) << 7);
    }

    private static Vector256<int> OneByOne(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> rounded)
    {
        for (var i = 0; i < Vector256<int>.Count; i++)
        {
            var sum = sums[i];
            for (var j = 4 * i; j < (4 * i) + 4; j++)
            {
                sum += codes[j] * rounded[j];
            }

            sums = sums.WithElement(i, sum);
        }

        return sums;
    }
}
