using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rebound.Files;
using Rebound.Quantization;

namespace Rebound.Checkpoints.Safetensors;

/// <summary>The element types that checkpoints are written in.</summary>
public enum StoredFloatType
{
    F32,
    F16,
    BF16,
}

/// <summary>Puts values into a tensor that is being written.</summary>
/// <param name="name">The tensor's.</param>
/// <param name="first">The place of the first value, counted from 0.</param>
/// <param name="values">One after the other, as they are stored.</param>
public delegate void PutValues(string name, long first, ReadOnlySpan<float> values);

/// <summary>
/// Writes safetensors, one tensor in memory at a time: single files, and shards with an index. Every file is written beside
/// its place, flushed to the disk, and renamed, so that a file with the final name is whole.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Data starts at a multiple of this many bytes, as the reference library has it.</summary>
    private const int HeaderAlignment = 8;

    /// <summary>Values that are converted at a time.</summary>
    private const int ChunkValues = 1 << 16;

    /// <summary>Writes tensors into one file.</summary>
    /// <param name="path">The file; one that exists is replaced at the end.</param>
    /// <param name="source">Where the tensors are read.</param>
    /// <param name="names">Which; written in ordinal order.</param>
    /// <param name="type">The type that they are rounded to: to the nearest, ties to even.</param>
    /// <param name="metadata"><c>__metadata__</c>; null for <c>format</c> → <c>pt</c>, which transformers asks for.</param>
    /// <returns>Bytes of data, without the header.</returns>
    /// <exception cref="CheckpointException">A name is not in the source.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static long Write(
        string path,
        ITensorSource source,
        IEnumerable<string> names,
        StoredFloatType type,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        var tensors = names.Order(StringComparer.Ordinal).Select(name => source.Tensors.Find(name, source.Location)).ToArray();
        WholeFile.Write(path, stream =>
        {
            stream.Write(Header(tensors, type, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }));
            WriteData(stream, source, tensors, type);
        });
        return tensors.Sum(tensor => tensor.Count) * SizeOf(type);
    }

    /// <summary>Writes tensors of fp32 into one file piece by piece, in any order; what no piece holds is 0.</summary>
    /// <param name="tensors">Their names and shapes.</param>
    /// <param name="write">Puts the pieces.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <inheritdoc cref="Write" path="/param"/>
    public static void WritePieces(
        string path, IEnumerable<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata, Action<PutValues> write)
    {
        var ordered = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        WholeFile.Write(path, stream =>
        {
            var header = Header(ordered, StoredFloatType.F32, metadata);
            stream.Write(header);
            var (starts, end) = (new Dictionary<string, long>(), (long)header.Length);
            foreach (var tensor in ordered)
            {
                starts.Add(tensor.Name, end);
                end += tensor.Count * sizeof(float);
            }

            stream.SetLength(end);
            write((name, first, values) =>
            {
                var count = Array.Find(ordered, tensor => tensor.Name == name)!.Count;
                ArgumentOutOfRangeException.ThrowIfNegative(first);
                ArgumentOutOfRangeException.ThrowIfGreaterThan(first, count - values.Length);
                stream.Position = starts[name] + (first * sizeof(float));
                stream.Write(MemoryMarshal.AsBytes(values));
            });
        });
    }

    /// <summary>
    /// Writes every tensor of a source into a folder: <c>model.safetensors</c>, or, when that would be longer than a shard,
    /// <c>model-00001-of-0000N.safetensors</c> … with <c>model.safetensors.index.json</c>.
    /// </summary>
    /// <param name="maxShardBytes">Bytes of data of a shard at most; a tensor that is longer has a shard of its own.</param>
    /// <inheritdoc cref="Write"/>
    public static void WriteFolder(
        string folder, ITensorSource source, IEnumerable<string> names, StoredFloatType type, long maxShardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        var shards = Split(source, names, type, maxShardBytes);
        if (shards.Count == 1)
        {
            Write(Path.Combine(folder, SafetensorsFolder.SingleFileName), source, shards[0], type);
            return;
        }

        long total = 0;
        var shardOf = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var file = $"model-{i + 1:d5}-of-{shards.Count:d5}.safetensors";
            total += Write(Path.Combine(folder, file), source, shards[i], type);
            foreach (var name in shards[i])
            {
                shardOf.Add(name, file);
            }
        }

        WholeFile.WriteJson(Path.Combine(folder, SafetensorsFolder.IndexFileName), writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteNumber("total_size", total);
            writer.WriteEndObject();
            writer.WriteStartObject("weight_map");
            foreach (var (name, file) in shardOf)
            {
                writer.WriteString(name, file);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static List<List<string>> Split(
        ITensorSource source, IEnumerable<string> names, StoredFloatType type, long maxShardBytes)
    {
        List<List<string>> shards = [[]];
        long bytes = 0;
        foreach (var name in names)
        {
            var size = source.Tensors.Find(name, source.Location).Count * SizeOf(type);
            if (shards[^1].Count > 0 && bytes + size > maxShardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(name);
            bytes += size;
        }

        return shards;
    }

    private static byte[] Header(
        StoredTensor[] tensors, StoredFloatType type, IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        stream.Write(stackalloc byte[sizeof(ulong)]);
        using (var writer = new Utf8JsonWriter(stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteEntries(writer, tensors, type, metadata);
        }

        while (stream.Length % HeaderAlignment != 0)
        {
            stream.WriteByte((byte)' ');
        }

        var header = stream.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)header.Length - sizeof(ulong));
        return header;
    }

    private static void WriteEntries(
        Utf8JsonWriter writer, StoredTensor[] tensors, StoredFloatType type, IReadOnlyDictionary<string, string> metadata)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        long offset = 0;
        foreach (var tensor in tensors)
        {
            var end = offset + (tensor.Count * SizeOf(type));
            writer.WriteStartObject(tensor.Name);
            writer.WriteString("dtype", type.ToString());
            WriteNumbers(writer, "shape", tensor.Shape);
            WriteNumbers(writer, "data_offsets", [offset, end]);
            writer.WriteEndObject();
            offset = end;
        }

        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static void WriteData(Stream stream, ITensorSource source, StoredTensor[] tensors, StoredFloatType type)
    {
        // What lies in host memory is written from there; the rest is copied, one tensor at a time.
        float[] copy = [];
        var narrowed = new ushort[type == StoredFloatType.F32 ? 0 : ChunkValues];
        foreach (var tensor in tensors)
        {
            if (!source.TryView(tensor.Name, out var rest))
            {
                copy = copy.LongLength < tensor.Count ? new float[tensor.Count] : copy;
                source.Read(tensor.Name, copy.AsSpan(0, (int)tensor.Count));
                rest = copy.AsSpan(0, (int)tensor.Count);
            }

            while (!rest.IsEmpty)
            {
                var chunk = rest[..Math.Min(rest.Length, ChunkValues)];
                stream.Write(Stored(chunk, narrowed, type));
                rest = rest[chunk.Length..];
            }
        }
    }

    private static ReadOnlySpan<byte> Stored(ReadOnlySpan<float> values, Span<ushort> narrowed, StoredFloatType type)
    {
        switch (type)
        {
            case StoredFloatType.F32:
                return MemoryMarshal.AsBytes(values);
            case StoredFloatType.F16:
                HalfPrecision.NarrowFloat16(values, narrowed);
                break;
            default:
                HalfPrecision.NarrowBFloat16(values, narrowed);
                break;
        }

        return MemoryMarshal.AsBytes(narrowed[..values.Length]);
    }

    private static int SizeOf(StoredFloatType type) => type == StoredFloatType.F32 ? sizeof(float) : sizeof(ushort);
}
