using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Quantization;

/// <summary>IEEE binary32.</summary>
internal readonly unsafe struct Float32 : IBlockFormat
{
    public static int Values => 1;

    public static int Bytes => sizeof(float);

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector> => TLanes.Load((float*)block + (run * IBlockFormat.RunValues) + lane);

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks) => MemoryMarshal.AsBytes(values).CopyTo(blocks);
}
