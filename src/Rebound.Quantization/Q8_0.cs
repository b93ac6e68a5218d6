using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>scale fp16, 32 signed bytes: value = code · scale.</summary>
internal readonly unsafe struct Q8_0 : IPlainBlock
{
    public static int Values => 32;

    public static int Bytes => 34;

    public static int Zero => 128;

    public static bool HasMinimum => false;

    /// <summary>scale = largest magnitude / 127; code = value / scale, rounded half away from zero.</summary>
    public static void Write(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[Values..], blocks = blocks[Bytes..])
        {
            var block = values[..Values];
            var scale = MathF.Abs(TensorPrimitives.MaxMagnitude(block)) / 127;
            var inverse = Rounding.Inverse(scale);
            Packing.WriteHalf(blocks, scale);
            for (var i = 0; i < Values; i++)
            {
                blocks[2 + i] = (byte)(sbyte)Rounding.Code(MathF.Round(block[i] * inverse, MidpointRounding.AwayFromZero));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block, int group) => Vector256.Load(block + 2) ^ Vector256.Create((byte)0x80);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block, float* halves) => halves[*(ushort*)block];

    public static float Minimum(byte* block, float* halves) => 0;

    public static byte* Prepare(byte* block, float* scratch, float* halves) => block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Scales<TVector, TLanes>(byte* block, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        (TLanes.Broadcast(Scale(block, halves)), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Run<TVector, TLanes>(byte* block, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector> =>
        TLanes.Multiply(TLanes.ToSingle(TLanes.SignedBytes(block + 2 + (run * IBlockFormat.RunValues) + lane)), first);
}
