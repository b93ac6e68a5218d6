using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// As <see cref="Q4_K"/>, with 32 bytes of fifth bits before the nibbles: bit n of byte i is for value i of group n.
/// </summary>
internal readonly unsafe struct Q5_K : ISuperBlock
{
    private const int Fifths = AffineBlocks.HeaderBytes;
    private const int Nibbles = Fifths + AffineBlocks.GroupValues;

    public static int Values => 256;

    public static int Bytes => 176;

    public static int Zero => 0;

    public static bool HasMinimum => true;

    public static bool ScalesHalves => false;

    public static void Read(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (; !blocks.IsEmpty; blocks = blocks[Bytes..], values = values[Values..])
        {
            Packing.Nibbles(blocks[Nibbles..Bytes], codes, AffineBlocks.GroupValues);
            for (var i = 0; i < Values; i += Vector128<sbyte>.Count)
            {
                var bytes = Vector128.Create(blocks[(Fifths + (i % AffineBlocks.GroupValues))..]);
                var fifth = ((bytes >>> (i / AffineBlocks.GroupValues)) & Vector128<byte>.One) << 4;
                (Vector128.Create<sbyte>(codes[i..]) | fifth.AsSByte()).CopyTo(codes[i..]);
            }

            AffineBlocks.Read(blocks, codes, values);
        }
    }

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var search = new AffineSearch(most: 31);
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            search.Search(values[..Values]);
            AffineBlocks.WriteHeader(search, blocks);
            var fifths = blocks[Fifths..Nibbles];
            fifths.Clear();
            for (var i = 0; i < Values; i++)
            {
                fifths[i % AffineBlocks.GroupValues] |= (byte)(search.Codes[i] >> 4 << (i / AffineBlocks.GroupValues));
            }

            Packing.PackNibbles(search.Codes, blocks[Nibbles..Bytes], AffineBlocks.GroupValues);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group)
    {
        var pairs = Vector256.Load(block + Nibbles + (group >> 1 << 5));
        var nibbles = (pairs.AsUInt16() >>> ((group & 1) << 2)).AsByte() & Vector256.Create((byte)0xF);
        var fifths = (Vector256.Load(block + Fifths).AsUInt16() >>> group).AsByte() & Vector256<byte>.One;
        return nibbles | (fifths.AsUInt16() << 4).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, float* scales, float* minima, float* halves) =>
        AffineBlocks.Scales(block, scales, minima, halves);
}
