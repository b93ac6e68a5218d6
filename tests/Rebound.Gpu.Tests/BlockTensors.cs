using Rebound.Checkpoints;
using Rebound.Quantization;

namespace Rebound.Gpu.Tests;

/// <summary>Tensors whose matrices are rounded to blocks, and handed out in them or only widened.</summary>
/// <param name="tensors">Where they are read; not disposed.</param>
/// <param name="typeOf">The type of a matrix.</param>
/// <param name="isStored">Whether blocks are handed out.</param>
internal sealed class BlockTensors(ITensorSource tensors, Func<string, BlockType> typeOf, bool isStored) : ITensorSource
{
    public string Location => tensors.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors.Tensors;

    public void Read(string name, Span<float> destination)
    {
        tensors.Read(name, destination);
        if (Tensors[name].Shape.Count == 2)
        {
            var type = typeOf(name);
            var blocks = new byte[type.BytesOf(destination.Length)];
            type.Round(destination, blocks);
            type.Widen(blocks, destination);
        }
    }

    public BlockType? StoredAs(string name) => isStored && Tensors[name].Shape.Count == 2 ? typeOf(name) : null;

    public void ReadStored(string name, Span<byte> destination)
    {
        var values = new float[Tensors[name].Count];
        tensors.Read(name, values);
        typeOf(name).Round(values, destination);
    }

    public void Dispose()
    {
        // The tensors belong to the caller.
    }
}
