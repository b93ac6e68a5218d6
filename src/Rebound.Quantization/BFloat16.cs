using System.Runtime.InteropServices;

namespace Rebound.Quantization;

/// <summary>The upper half of a binary32, rounded to the nearest, ties to even.</summary>
internal readonly struct BFloat16 : IBlockFormat
{
    public static int Values => 1;

    public static int Bytes => sizeof(ushort);

    public static void Read(ReadOnlySpan<byte> blocks, Span<float> values) =>
        HalfPrecision.WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(blocks), values);

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks) =>
        HalfPrecision.NarrowBFloat16(values, MemoryMarshal.Cast<byte, ushort>(blocks));
}
