using System.Buffers;
using Rebound.Quantization;

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

    public BlockType? StoredAs(string name) =>
        types.TryGetValue(name, out var type) && Tensors[name].Shape.Count == 2 ? type.Blocks : null;

    /// <summary>The matrix rounded anew: nothing of it is kept.</summary>
    public void ReadStored(string name, Span<byte> destination)
    {
        var (rows, width, type) = (Tensors[name].Shape[0], (int)Tensors[name].Shape[1], types[name]);
        var rowsAtOnce = Math.Max(1, ChunkValues / width);
        var values = new float[rowsAtOnce * width];
        var blocks = new byte[type.BytesOf(values.Length)];
        for (long first = 0; first < rows; first += rowsAtOnce)
        {
            var chunk = values.AsMemory(0, (int)Math.Min(rowsAtOnce, rows - first) * width);
            tensors.ReadRows(name, first, chunk.Span);
            var bytes = GgufWriter.Quantize(chunk, blocks, type, work);
            blocks.AsSpan(0, bytes).CopyTo(destination);
            destination = destination[bytes..];
        }
    }

    public void Dispose()
    {
        // The tensors belong to the caller.
    }
}
