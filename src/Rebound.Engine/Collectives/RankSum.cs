using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rebound.Engine.Collectives;

/// <summary>
/// The sum of the ranks' elements, in ascending order of ranks, in fp32, rounded once: every rank's share of the work, and every way of
/// ranks to reach each other, gives the same bits.
/// </summary>
internal static unsafe class RankSum
{
    /// <summary>Elements that are summed before they are written, so that a source may be the target.</summary>
    private const int BlockElements = 2048;

    /// <param name="sources">The first element of every rank, by rank.</param>
    /// <param name="target">=; may be one of <paramref name="sources"/>.</param>
    /// <param name="type">fp32 or bf16.</param>
    public static void Run(ReadOnlySpan<nint> sources, nint target, DType type, long count)
    {
        var sum = stackalloc float[BlockElements];
        for (long first = 0; first < count; first += BlockElements)
        {
            var length = (int)Math.Min(BlockElements, count - first);
            var block = new Span<float>(sum, length);
            if (type == DType.Float32)
            {
                SumFloats(sources, first, block);
                block.CopyTo(new Span<float>((float*)target + first, length));
            }
            else
            {
                SumBFloats(sources, first, block);
                Narrow(block, new Span<ushort>((ushort*)target + first, length));
            }
        }
    }

    private static void SumFloats(ReadOnlySpan<nint> sources, long first, Span<float> sum)
    {
        new ReadOnlySpan<float>((float*)sources[0] + first, sum.Length).CopyTo(sum);
        foreach (var source in sources[1..])
        {
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>((float*)source + first, sum.Length), sum);
        }
    }

    private static void SumBFloats(ReadOnlySpan<nint> sources, long first, Span<float> sum)
    {
        sum.Clear();
        foreach (var source in sources)
        {
            AddWidened(new ReadOnlySpan<ushort>((ushort*)source + first, sum.Length), sum);
        }
    }

    /// <summary>Sixteen elements at a time, and the rest one by one: a bf16 is the upper half of an fp32.</summary>
    private static void AddWidened(ReadOnlySpan<ushort> values, Span<float> sum)
    {
        var i = 0;
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(values[i..]));
            Add(low, sum.Slice(i, Vector256<float>.Count));
            Add(high, sum.Slice(i + Vector256<float>.Count, Vector256<float>.Count));
        }

        for (; i < values.Length; i++)
        {
            sum[i] += BitConverter.UInt32BitsToSingle((uint)values[i] << 16);
        }
    }

    private static void Add(Vector256<uint> widened, Span<float> sum) =>
        (Vector256.Create<float>(sum) + (widened << 16).AsSingle()).CopyTo(sum);

    /// <summary>Rounded to the nearest, ties to even; a NaN stays one and becomes quiet.</summary>
    private static void Narrow(ReadOnlySpan<float> values, Span<ushort> narrow)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var i = 0;
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256.Narrow(
                Rounded(Vector256.Create(bits[i..])), Rounded(Vector256.Create(bits[(i + Vector256<uint>.Count)..]))).CopyTo(narrow[i..]);
        }

        for (; i < values.Length; i++)
        {
            narrow[i] = (ushort)Rounded(Vector256.Create(bits[i])).ToScalar();
        }
    }

    private static Vector256<uint> Rounded(Vector256<uint> bits)
    {
        var upper = bits >>> 16;
        var isOrdered = Vector256.Equals(bits.AsSingle(), bits.AsSingle()).AsUInt32();
        var rounded = (bits + Vector256.Create(0x7fffu) + (upper & Vector256<uint>.One)) >>> 16;
        return Vector256.ConditionalSelect(isOrdered, rounded, upper | Vector256.Create(0x40u));
    }
}
