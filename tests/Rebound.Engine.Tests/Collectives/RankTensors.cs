using System.Runtime.InteropServices;
using Rebound.Engine;

namespace Rebound.Engine.Tests.Collectives;

/// <summary>Tensors of a rank for the tests, of values that sums round.</summary>
internal sealed class RankTensors : IDisposable
{
    private readonly Arena _arena;

    public RankTensors(DType type, int count)
    {
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("tensor", new Shape(Math.Max(count, 1)), type));
        _arena = new HostArena(plan);
        Tensor = _arena[0].Rows(0, count);
    }

    public Tensor Tensor { get; }

    /// <summary>The tensor's bytes.</summary>
    public unsafe Span<byte> Bytes => new((void*)Tensor.Address, (int)Tensor.Count * Tensor.DType.SizeInBytes());

    /// <summary>Fills it with the values of a rank: of all magnitudes, so that the order of a sum shows in its bits.</summary>
    public RankTensors Fill(int rank)
    {
        var random = new Random(rank + 1);
        for (var i = 0; i < Tensor.Count; i++)
        {
            var value = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7)));
            if (Tensor.DType == DType.Float32)
            {
                MemoryMarshal.Cast<byte, float>(Bytes)[i] = value;
            }
            else
            {
                MemoryMarshal.Cast<byte, ushort>(Bytes)[i] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
            }
        }

        return this;
    }

    /// <summary>The bytes that the sum of all ranks' values has, one element after the other.</summary>
    public static byte[] Sum(DType type, int count, int ranks)
    {
        var tensors = Enumerable.Range(0, ranks).Select(rank => new RankTensors(type, count).Fill(rank)).ToArray();
        using var sum = new RankTensors(type, count);
        for (var i = 0; i < count; i++)
        {
            var total = tensors.Select(tensor => tensor.At(i)).Aggregate((left, right) => left + right);
            if (type == DType.Float32)
            {
                MemoryMarshal.Cast<byte, float>(sum.Bytes)[i] = total;
            }
            else
            {
                MemoryMarshal.Cast<byte, ushort>(sum.Bytes)[i] = Nearest(total);
            }
        }

        Array.ForEach(tensors, tensor => tensor.Dispose());
        return sum.Bytes.ToArray();
    }

    public void Dispose() => _arena.Dispose();

    private float At(int i) => Tensor.DType == DType.Float32
        ? MemoryMarshal.Cast<byte, float>(Bytes)[i]
        : BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<byte, ushort>(Bytes)[i] << 16);

    /// <summary>Of the two bf16 around a value the nearer one; of two that are equally near the even one.</summary>
    private static ushort Nearest(float value)
    {
        var below = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        var above = (ushort)(below + 1);
        var (toBelow, toAbove) = (Math.Abs((double)value - Wide(below)), Math.Abs((double)value - Wide(above)));
        return toBelow < toAbove || (toBelow == toAbove && below % 2 == 0) ? below : above;
    }

    private static float Wide(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
