using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>Conversions between fp32 and the 16-bit floating-point types of checkpoints.</summary>
public static class HalfPrecision
{
    /// <summary>IEEE binary16 to fp32, exactly.</summary>
    public static void WidenFloat16(ReadOnlySpan<ushort> source, Span<float> destination) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(source), destination);

    /// <summary>fp32 to IEEE binary16, rounded to the nearest, ties to even.</summary>
    public static void NarrowFloat16(ReadOnlySpan<float> source, Span<ushort> destination) =>
        TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<ushort, Half>(destination));

    /// <summary>bfloat16 to fp32, exactly: the 16 bits are fp32's upper half.</summary>
    public static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(source[i..]));
            (lower << 16).CopyTo(bits[i..]);
            (upper << 16).CopyTo(bits[(i + Vector256<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            bits[i] = (uint)source[i] << 16;
        }
    }

    /// <summary>
    /// fp32 to bfloat16, rounded to the nearest, ties to even; a NaN stays a NaN and becomes quiet.
    /// </summary>
    public static void NarrowBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(source);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var lower = RoundToUpperHalf(Vector256.Create(bits[i..]));
            var upper = RoundToUpperHalf(Vector256.Create(bits[(i + Vector256<uint>.Count)..]));
            Vector256.Narrow(lower, upper).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = RoundToUpperHalf(bits[i]);
        }
    }

    private static ushort RoundToUpperHalf(uint bits) => (bits & 0x7FFFFFFF) > 0x7F800000
        ? (ushort)((bits >> 16) | 0x40)
        : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);

    private static Vector256<uint> RoundToUpperHalf(Vector256<uint> bits)
    {
        var half = bits >>> 16;
        var rounded = (bits + Vector256.Create(0x7FFFu) + (half & Vector256<uint>.One)) >>> 16;
        var isNaN = Vector256.GreaterThan(bits & Vector256.Create(0x7FFFFFFFu), Vector256.Create(0x7F800000u));
        return Vector256.ConditionalSelect(isNaN, half | Vector256.Create(0x40u), rounded);
    }
}
