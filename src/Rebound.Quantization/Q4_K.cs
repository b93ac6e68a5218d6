using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>256 nibbles after the header that <see cref="AffineBlocks"/> has.</summary>
internal readonly unsafe struct Q4_K : ISuperBlock
{
    public static int Values => 256;

    public static int Bytes => 144;

    public static int Zero => 0;

    public static bool HasMinimum => true;

    public static bool ScalesHalves => false;

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var search = new AffineSearch(most: 15);
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            search.Search(values[..Values]);
            AffineBlocks.WriteHeader(search, blocks);
            Packing.PackNibbles(search.Codes, blocks[AffineBlocks.HeaderBytes..Bytes], AffineBlocks.GroupValues);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group)
    {
        var pairs = Vector256.Load(block + AffineBlocks.HeaderBytes + (group >> 1 << 5));
        return (pairs.AsUInt16() >>> ((group & 1) << 2)).AsByte() & Vector256.Create((byte)0xF);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, float* scales, float* minima, float* halves) =>
        AffineBlocks.Scales(block, scales, minima, halves);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Prepare(byte* block, float* scratch, float* halves)
    {
        AffineBlocks.Scales(block, scratch, scratch + AffineBlocks.Groups, halves);
        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        Nibbles<TVector, TLanes>.Shifted(scales[group], scales[AffineBlocks.Groups + group]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var pairs = block + AffineBlocks.HeaderBytes + (((2 * section) + (run / 4)) * AffineBlocks.GroupValues);
        pairs += (run % 2 * IBlockFormat.RunValues) + lane;
        return Nibbles<TVector, TLanes>.ShiftedValues(pairs, upper: run % 4 >= 2, first, second);
    }
}
