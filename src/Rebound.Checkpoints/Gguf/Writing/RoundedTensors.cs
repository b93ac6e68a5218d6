using System.Buffers;

namespace Rebound.Checkpoints.Gguf;

/// <summary>Tensors as they are once they have been rounded to the types of a file, without that file.</summary>
/// <param name="tensors">Where they are read; not disposed.</param>
/// <param name="types">The type of each.</param>
internal sealed class RoundedTensors(ITensorSource tensors, IReadOnlyDictionary<string, GgmlType> types, ParallelWork work) : ITensorSource
{
    private const int ChunkValues = 1 << 20;

    public string Location => tensors.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; } =
        types.Keys.ToDictionary(name => name, name => tensors.Tensors[name]);

    public void Read(string name, Span<float> destination)
    {
        tensors.Read(name, destination);
        var type = types[name];
        if (type == GgmlType.F32)
        {
            return;
        }

        var values = ArrayPool<float>.Shared.Rent(ChunkValues);
        var blocks = new byte[type.BytesOf(ChunkValues)];
        for (var start = 0; start < destination.Length; start += ChunkValues)
        {
            var chunk = destination.Slice(start, Math.Min(ChunkValues, destination.Length - start));
            chunk.CopyTo(values);
            var bytes = GgufWriter.Quantize(values.AsMemory(0, chunk.Length), blocks, type, work);
            type.Dequantize(blocks.AsSpan(0, bytes), chunk);
        }

        ArrayPool<float>.Shared.Return(values);
    }

    public void Dispose()
    {
        // The tensors belong to the caller.
    }
}
