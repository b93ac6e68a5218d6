using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Engine;

/// <summary>
/// An fp32 value in two halves of 16 bits: the value rounded to bf16, halves away from zero, and the lower half of its
/// bits, which read as a signed number is what rounding took away. <c>bits = (upper &lt;&lt; 16) + (short)lower</c>, exactly.
/// </summary>
public static class SplitFloat32
{
    /// <param name="upper">bf16, =.</param>
    /// <param name="lower">=.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Split(ReadOnlySpan<float> values, Span<ushort> upper, Span<ushort> lower)
    {
        RequireSameLength(values.Length, upper.Length, lower.Length);
        var all = MemoryMarshal.Cast<float, uint>(values);
        var i = 0;
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (first, second) = (Vector256.Create(all[i..]), Vector256.Create(all[(i + Vector256<uint>.Count)..]));
            var half = Vector256.Create(0x8000u);
            Vector256.Narrow((first + half) >>> 16, (second + half) >>> 16).CopyTo(upper[i..]);
            Vector256.Narrow(first, second).CopyTo(lower[i..]);
        }

        for (; i < values.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            upper[i] = (ushort)((bits + 0x8000) >> 16);
            lower[i] = (ushort)bits;
        }
    }

    /// <param name="values">=.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Join(ReadOnlySpan<ushort> upper, ReadOnlySpan<ushort> lower, Span<float> values)
    {
        RequireSameLength(values.Length, upper.Length, lower.Length);
        var bits = MemoryMarshal.Cast<float, int>(values);
        var i = 0;
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (first, second) = Vector256.Widen(Vector256.Create(upper[i..]));
            var (firstRest, secondRest) = Vector256.Widen(Vector256.Create(lower[i..]).AsInt16());
            ((first.AsInt32() << 16) + firstRest).CopyTo(bits[i..]);
            ((second.AsInt32() << 16) + secondRest).CopyTo(bits[(i + Vector256<int>.Count)..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = BitConverter.Int32BitsToSingle((upper[i] << 16) + (short)lower[i]);
        }
    }

    private static void RequireSameLength(int values, int upper, int lower)
    {
        if (values != upper || values != lower)
        {
            throw new ArgumentException($"Split fp32: {values} values, {upper} upper and {lower} lower halves; they must be as many.");
        }
    }
}
