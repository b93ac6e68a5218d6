using System.Runtime.InteropServices;

namespace Rebound.Checkpoints.Gguf;

/// <summary>fp32 to the plain types of GGUF, rounded to the nearest, ties to even.</summary>
internal static class PlainQuantization
{
    public static void Float32(ReadOnlySpan<float> values, Span<byte> bytes) => MemoryMarshal.AsBytes(values).CopyTo(bytes);

    public static void Float16(ReadOnlySpan<float> values, Span<byte> bytes) =>
        HalfPrecision.NarrowFloat16(values, MemoryMarshal.Cast<byte, ushort>(bytes));

    public static void BFloat16(ReadOnlySpan<float> values, Span<byte> bytes) =>
        HalfPrecision.NarrowBFloat16(values, MemoryMarshal.Cast<byte, ushort>(bytes));
}
