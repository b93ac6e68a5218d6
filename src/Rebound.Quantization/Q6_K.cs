using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// 128 bytes of nibbles, 64 bytes of pairs of upper bits, 16 signed scales, scale fp16:
/// value = (scale · s) · (code − 32), with one s for 16 values.
/// </summary>
internal readonly unsafe struct Q6_K : ISuperBlock
{
    private const int UpperBits = 128;
    private const int ScalesStart = 192;
    private const int ScaledValues = 16;
    private const int NibbleRun = 64;

    public static int Values => 256;

    public static int Bytes => 210;

    public static int Zero => 32;

    public static bool HasMinimum => false;

    public static bool ScalesHalves => true;

    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var search = new SymmetricSearch();
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            search.Search(values[..Values]);
            blocks[..ScalesStart].Clear();
            for (var i = 0; i < Values; i++)
            {
                var (half, within, code) = (i / 128, i % 128, search.Codes[i] + Zero);
                blocks[(half * NibbleRun) + (within % NibbleRun)] |= (byte)((code & 0xF) << (within / NibbleRun * 4));
                blocks[UpperBits + (half * 32) + (within % 32)] |= (byte)(code >> 4 << (within / 32 * 2));
            }

            MemoryMarshal.AsBytes(search.Scales).CopyTo(blocks[ScalesStart..]);
            Packing.WriteHalf(blocks[(Bytes - 2)..], search.Scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group)
    {
        var (half, within) = (group >> 2, group & 3);
        var nibbles = Vector256.Load(block + (half * NibbleRun) + ((within & 1) * 32));
        nibbles = (nibbles.AsUInt16() >>> (within >> 1 << 2)).AsByte() & Vector256.Create((byte)0xF);
        var upper = Vector256.Load(block + UpperBits + (half * 32));
        return nibbles | (((upper.AsUInt16() >>> (within * 2)).AsByte() & Vector256.Create((byte)3)).AsUInt16() << 4).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, float* scales, float* minima, float* halves)
    {
        var scale = Vector256.Create(halves[*(ushort*)(block + Bytes - 2)]);
        var (lower, upper) = Vector128.Widen(Vector128.Load((sbyte*)block + ScalesStart));
        var (first, second) = (Vector256.Create(Vector128.WidenLower(lower), Vector128.WidenUpper(lower)),
            Vector256.Create(Vector128.WidenLower(upper), Vector128.WidenUpper(upper)));
        (scale * Vector256.ConvertToSingle(first)).Store(scales);
        (scale * Vector256.ConvertToSingle(second)).Store(scales + Vector256<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Prepare(byte* block, float* scratch, float* halves)
    {
        Scales(block, scratch, null, halves);
        return Packing.Unpack<Q6_K>(block, (byte*)(scratch + IBlockFormat.MostScales));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* source, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        (TLanes.Broadcast(scales[2 * group]), TLanes.Broadcast(scales[(2 * group) + 1]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* source, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var codes = TLanes.SignedBytes(source + (((8 * section) + run) * IBlockFormat.RunValues) + lane);
        return TLanes.Multiply(TLanes.ToSingle(codes), run % 2 == 0 ? first : second);
    }
}
