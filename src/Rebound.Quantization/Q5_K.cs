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
    public static byte* Prepare(byte* block, float* scratch, float* halves)
    {
        AffineBlocks.Scales(block, scratch, scratch + AffineBlocks.Groups, halves);
        return Packing.Unpack<Q5_K>(block, (byte*)(scratch + IBlockFormat.MostScales));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* source, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        (TLanes.Broadcast(scales[group]), TLanes.Broadcast(scales[AffineBlocks.Groups + group]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* source, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var codes = TLanes.Bytes(source + (((8 * section) + run) * IBlockFormat.RunValues) + lane);
        return TLanes.Add(TLanes.Multiply(TLanes.ToSingle(codes), first), second);
    }
}
