using System.Runtime.InteropServices;

namespace Rebound.Quantization;

/// <summary>IEEE binary32.</summary>
internal readonly struct Float32 : IBlockFormat
{
    public static int Values => 1;

    public static int Bytes => sizeof(float);

    public static void Read(ReadOnlySpan<byte> blocks, Span<float> values) => blocks.CopyTo(MemoryMarshal.AsBytes(values));

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks) => MemoryMarshal.AsBytes(values).CopyTo(blocks);
}
