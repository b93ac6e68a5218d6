using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Engine;

/// <summary>
/// An fp32 value in two halves of 16 bits: one of the two bf16 that it lies between, and beside it the lower half of its bits.
/// <para>
/// The upper half is rounded up, away from zero, where the lower half and a threshold of 0 to 65,535 carry:
/// <c>upper = (bits + threshold) &gt;&gt; 16</c>, so that <c>bits = ((upper − carry) &lt;&lt; 16) | lower</c>, exactly. Every element
/// has a threshold of its own, which stays the same, and thresholds are spread evenly: over many elements the upper halves
/// are right on average. A step that moves values by a tenth of bf16's unit moves a tenth of the upper halves by a whole
/// one, where rounding to the nearest would move none of those that were bf16 before. A value that is bf16 stays as it is.
/// </para>
/// </summary>
/// <remarks>The arithmetic is that of <c>adamw.cu</c>, which has to join and split alike.</remarks>
public static class SplitFloat32
{
    /// <param name="upper">bf16, =.</param>
    /// <param name="lower">=.</param>
    /// <param name="dither">The tensor's thresholds: any number, the same whenever it is split and joined.</param>
    /// <param name="first">Index in its tensor of the first value.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Split(ReadOnlySpan<float> values, Span<ushort> upper, Span<ushort> lower, uint dither, long first)
    {
        RequireSameLength(values.Length, upper.Length, lower.Length);
        var all = MemoryMarshal.Cast<float, uint>(values);
        var key = Mix(dither);
        var i = 0;
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (low, high) = (Vector256.Create(all[i..]), Vector256.Create(all[(i + Vector256<uint>.Count)..]));
            var (lowThresholds, highThresholds) = Thresholds(key, first + i);
            Vector256.Narrow((low + lowThresholds) >>> 16, (high + highThresholds) >>> 16).CopyTo(upper[i..]);
            Vector256.Narrow(low, high).CopyTo(lower[i..]);
        }

        for (; i < values.Length; i++)
        {
            upper[i] = (ushort)((all[i] + Threshold(key, first + i)) >> 16);
            lower[i] = (ushort)all[i];
        }
    }

    /// <param name="values">=.</param>
    /// <param name="dither">As it was split.</param>
    /// <param name="first">Index in its tensor of the first value.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Join(ReadOnlySpan<ushort> upper, ReadOnlySpan<ushort> lower, Span<float> values, uint dither, long first)
    {
        RequireSameLength(values.Length, upper.Length, lower.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var key = Mix(dither);
        var i = 0;
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (upperLow, upperHigh) = Vector256.Widen(Vector256.Create(upper[i..]));
            var (lowerLow, lowerHigh) = Vector256.Widen(Vector256.Create(lower[i..]));
            var (lowThresholds, highThresholds) = Thresholds(key, first + i);
            Joined(upperLow, lowerLow, lowThresholds).CopyTo(bits[i..]);
            Joined(upperHigh, lowerHigh, highThresholds).CopyTo(bits[(i + Vector256<uint>.Count)..]);
        }

        for (; i < values.Length; i++)
        {
            var carry = (lower[i] + Threshold(key, first + i)) >> 16;
            bits[i] = ((upper[i] - carry) << 16) | lower[i];
        }
    }

    private static Vector256<uint> Joined(Vector256<uint> upper, Vector256<uint> lower, Vector256<uint> thresholds) =>
        ((upper - ((lower + thresholds) >>> 16)) << 16) | lower;

    /// <summary>The thresholds of the sixteen elements from an index on.</summary>
    private static (Vector256<uint> Low, Vector256<uint> High) Thresholds(uint key, long index)
    {
        // Element e of the vectors is element `odd + e` from an even index on, and pairs go on from there.
        var places = Vector256<uint>.Indices + Vector256.Create((uint)(index & 1));
        var pair = Vector256.Create(unchecked((uint)(index >> 1)));
        var half = Vector256.Create((uint)Vector256<uint>.Count);
        return (Thresholds(key, pair, places), Thresholds(key, pair, places + half));
    }

    private static Vector256<uint> Thresholds(uint key, Vector256<uint> pair, Vector256<uint> places)
    {
        var x = (pair + (places >>> 1)) ^ Vector256.Create(key);
        x ^= x >>> 16;
        x *= 0x85ebca6bu;
        x ^= x >>> 13;
        x *= 0xc2b2ae35u;
        x ^= x >>> 16;
        var isSecond = Vector256.Equals(places & Vector256<uint>.One, Vector256<uint>.One);
        return Vector256.ConditionalSelect(isSecond, x >>> 16, x & Vector256.Create(0xffffu));
    }

    /// <summary>Neighbours share a word: the first of a pair takes its lower half, the second its upper.</summary>
    private static uint Threshold(uint key, long index)
    {
        var word = Mix(unchecked((uint)(index >> 1)) ^ key);
        return (index & 1) == 0 ? word & 0xffff : word >> 16;
    }

    /// <summary>The finalizer of MurmurHash3.</summary>
    internal static uint Mix(uint x)
    {
        x ^= x >> 16;
        x *= 0x85ebca6b;
        x ^= x >> 13;
        x *= 0xc2b2ae35;
        return x ^ (x >> 16);
    }

    private static void RequireSameLength(int values, int upper, int lower)
    {
        if (values != upper || values != lower)
        {
            throw new ArgumentException($"Split fp32: {values} values, {upper} upper and {lower} lower halves; they must be as many.");
        }
    }
}
