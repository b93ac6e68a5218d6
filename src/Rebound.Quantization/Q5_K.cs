using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// As <see cref="Q4_K"/>, with 32 bytes of fifth bits before the nibbles: bit n of byte i is for value i of group n.
/// </summary>
internal readonly unsafe struct Q5_K : ISuperBlock
{
    private const int FifthsStart = AffineBlocks.HeaderBytes;
    private const int PairsStart = FifthsStart + AffineBlocks.GroupValues;

    public static int Values => 256;

    public static int Bytes => 176;

    public static int Zero => 0;

    public static bool HasMinimum => true;

    public static bool ScalesHalves => false;

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var search = new AffineSearch(most: 31);
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            search.Search(values[..Values]);
            AffineBlocks.WriteHeader(search, blocks);
            var fifths = blocks[FifthsStart..PairsStart];
            fifths.Clear();
            for (var i = 0; i < Values; i++)
            {
                fifths[i % AffineBlocks.GroupValues] |= (byte)(search.Codes[i] >> 4 << (i / AffineBlocks.GroupValues));
            }

            Packing.PackNibbles(search.Codes, blocks[PairsStart..Bytes], AffineBlocks.GroupValues);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group)
    {
        var pairs = Vector256.Load(block + PairsStart + (group >> 1 << 5));
        var nibbles = (pairs.AsUInt16() >>> ((group & 1) << 2)).AsByte() & Vector256.Create((byte)0xF);
        var fifths = (Vector256.Load(block + FifthsStart).AsUInt16() >>> group).AsByte() & Vector256<byte>.One;
        return nibbles | (fifths.AsUInt16() << 4).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, float* scales, float* minima, float* halves) =>
        AffineBlocks.Scales(block, scales, minima, halves);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prepare(byte* block, float* scales, float* halves) =>
        AffineBlocks.Scales(block, scales, scales + AffineBlocks.Groups, halves);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        (TLanes.Broadcast(scales[group]), TLanes.Broadcast(scales[AffineBlocks.Groups + group]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var value = (run % 2 * IBlockFormat.RunValues) + lane;
        var own = TLanes.BroadcastBits(1u << ((4 * section) + (run / 2)));
        var fifths = TLanes.WhereSet(TLanes.Bytes(block + FifthsStart + value), own, TLanes.BroadcastBits(0x10));
        var pairs = block + PairsStart + (((2 * section) + (run / 4)) * AffineBlocks.GroupValues) + value;
        var codes = TLanes.Or(Nibbles<TVector, TLanes>.Codes(pairs, upper: run % 4 >= 2), fifths);
        return TLanes.Add(TLanes.Multiply(TLanes.ToSingle(codes), first), second);
    }
}
