using System.Numerics.Tensors;

namespace Rebound.Checkpoints.Gguf;

/// <summary>A tensor that is to be written.</summary>
/// <param name="Name">The name in the file, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Shape">Extents, row-major.</param>
/// <param name="Read">Fills fp32 values in the file's row order.</param>
internal sealed record GgufPlannedTensor(string Name, IReadOnlyList<long> Shape, GgmlType Type, GgufTensorReader Read)
{
    public long Count => Shape.Aggregate(1L, (product, extent) => checked(product * extent));

    public long Bytes => Type.BytesOf(Count);
}

/// <summary>Fills a tensor's values.</summary>
internal delegate void GgufTensorReader(Span<float> values);

/// <summary>Runs parts 0 to <paramref name="parts"/> − 1 of some work, and returns when all are done.</summary>
public delegate void ParallelWork(int parts, Action<int> part);

/// <summary>
/// Writes GGUF, version 3, little-endian (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): header and metadata, then one
/// tensor after the other, of which one is in memory at a time.
/// </summary>
internal static class GgufWriter
{
    private const uint Magic = 0x46554747;
    private const uint Version = 3;
    private const int Alignment = 32;

    /// <summary>Values that are quantized before they go to the file, and those that one thread takes at a time.</summary>
    private const int ChunkValues = 1 << 22;
    private const int PieceValues = 1 << 15;

    /// <param name="work">Runs parts of the rounding; on all cores, if it does.</param>
    /// <param name="report">Is told how many bytes of tensors are written, of how many; null for nobody.</param>
    /// <exception cref="CheckpointException">A value is not finite, or larger than its type has.</exception>
    public static void Write(
        Stream stream, GgufEntries entries, IReadOnlyList<GgufPlannedTensor> tensors, string location, ParallelWork work,
        Action<long, long>? report)
    {
        WriteHeader(stream, entries, tensors);
        var (done, total) = (0L, tensors.Sum(tensor => tensor.Bytes));
        float[] values = [];
        var blocks = new byte[ChunkValues * sizeof(float)];
        foreach (var tensor in tensors)
        {
            var count = checked((int)tensor.Count);
            values = values.Length < count ? new float[count] : values;
            tensor.Read(values.AsSpan(0, count));
            Check(values.AsSpan(0, count), tensor, location);
            for (var start = 0; start < count; start += ChunkValues)
            {
                var length = Math.Min(ChunkValues, count - start);
                var bytes = Quantize(values.AsMemory(start, length), blocks, tensor.Type, work);
                stream.Write(blocks, 0, bytes);
                report?.Invoke(done += bytes, total);
            }

            Pad(stream, tensor.Bytes);
        }
    }

    private static void WriteHeader(Stream stream, GgufEntries entries, IReadOnlyList<GgufPlannedTensor> tensors)
    {
        using var header = new MemoryStream();
        GgufEntries.WriteNumber(header, Magic);
        GgufEntries.WriteNumber(header, Version);
        GgufEntries.WriteNumber(header, (ulong)tensors.Count);
        GgufEntries.WriteNumber(header, (ulong)entries.Count);
        entries.Write(header);
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            GgufEntries.WriteText(header, tensor.Name);
            GgufEntries.WriteNumber(header, (uint)tensor.Shape.Count);
            foreach (var extent in tensor.Shape.Reverse())
            {
                GgufEntries.WriteNumber(header, (ulong)extent);
            }

            GgufEntries.WriteNumber(header, tensor.Type.Number);
            GgufEntries.WriteNumber(header, (ulong)offset);
            offset += tensor.Bytes + Padding(tensor.Bytes);
        }

        Pad(header, header.Length);
        header.WriteTo(stream);
    }

    /// <summary>Values to blocks, on as many threads as there are to work.</summary>
    /// <returns>Bytes of the blocks.</returns>
    public static int Quantize(ReadOnlyMemory<float> values, byte[] blocks, GgmlType type, ParallelWork work)
    {
        work((values.Length + PieceValues - 1) / PieceValues, piece =>
        {
            var start = piece * PieceValues;
            var some = values.Span.Slice(start, Math.Min(PieceValues, values.Length - start));
            type.Quantize(some, blocks.AsSpan((int)type.BytesOf(start), (int)type.BytesOf(some.Length)));
        });
        return (int)type.BytesOf(values.Length);
    }

    private static void Check(ReadOnlySpan<float> values, GgufPlannedTensor tensor, string location)
    {
        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(values));
        if (!float.IsFinite(largest))
        {
            throw new CheckpointException(location, tensor.Name, "It holds a value that is not finite: the model is damaged.");
        }

        if (tensor.Type != GgmlType.F32 && tensor.Type != GgmlType.BF16 && largest > (float)Half.MaxValue)
        {
            throw new CheckpointException(
                location, tensor.Name,
                $"It holds {largest:g3}, more than {tensor.Type.Name} has ({Half.MaxValue}); write F32 or BF16.");
        }
    }

    private static long Padding(long length) => (Alignment - (length % Alignment)) % Alignment;

    private static void Pad(Stream stream, long length) => stream.Write(new byte[Padding(length)]);
}
