using System.Buffers.Binary;
using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Checkpoints.Safetensors;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then a JSON object of name → dtype, shape and data offsets
/// (https://github.com/huggingface/safetensors, "Format"). Nothing in it is believed before it has been checked
/// against the file's length.
/// </summary>
internal sealed class SafetensorsHeader
{
    private const int LengthBytes = 8;

    /// <summary>The reference library's own limit.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    private readonly Dictionary<string, StoredTensor> _tensors = [];
    private readonly Dictionary<string, DataRange> _ranges = [];
    private readonly Dictionary<string, string> _metadata = [];
    private readonly string _path;
    private readonly long _dataStart;

    private SafetensorsHeader(string path, long dataStart)
    {
        _path = path;
        _dataStart = dataStart;
    }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The bytes of a tensor, as offsets into the file.</summary>
    public DataRange RangeOf(string name) => _ranges[name];

    /// <exception cref="CheckpointException">The header is truncated, malformed, or contradicts the file's length.</exception>
    public static SafetensorsHeader Read(MappedFile file)
    {
        var json = ReadJson(file);
        var header = new SafetensorsHeader(file.Path, LengthBytes + json.Length);
        try
        {
            header.AddEntries(StrictJson.ParseElement(json));
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(
                file.Path, null, $"The safetensors header is not valid JSON, {JsonProblem.Of(exception)}.", exception);
        }

        header.CheckRangesCover(file.Length);
        return header;
    }

    private static byte[] ReadJson(MappedFile file)
    {
        if (file.Length < LengthBytes)
        {
            throw new CheckpointException(
                file.Path, null, $"The file is {file.Length} bytes long; a safetensors file has at least {LengthBytes}.");
        }

        ulong length;
        using (var prefix = file.Map(0, LengthBytes))
        {
            length = BinaryPrimitives.ReadUInt64LittleEndian(prefix.Bytes);
        }

        var limit = Math.Min(MaxHeaderBytes, file.Length - LengthBytes);
        if (length > (ulong)limit)
        {
            throw new CheckpointException(file.Path, null, ForeignFile.Guess(Beginning(file)) is { } guess
                ? $"This is not a safetensors file: {guess}."
                : length <= MaxHeaderBytes
                    ? $"The file is incomplete, or no safetensors file: its header takes {length} bytes, and {limit} of them are there. "
                        + "Get it again."
                    : $"The safetensors header claims {length} bytes, and {MaxHeaderBytes} are read at most: this is not a "
                        + "safetensors file.");
        }

        using var window = file.Map(LengthBytes, (long)length);
        if (length == 0 || window.Bytes[0] != (byte)'{')
        {
            throw new CheckpointException(
                file.Path,
                null,
                $"The safetensors header does not start with '{{': "
                    + $"{ForeignFile.Guess(Beginning(file)) ?? "this is not a safetensors file"}.");
        }

        return window.Bytes.ToArray();
    }

    private static byte[] Beginning(MappedFile file)
    {
        using var window = file.Map(0, Math.Min(file.Length, ForeignFile.BytesToLookAt));
        return window.Bytes.ToArray();
    }

    private void AddEntries(JsonElement root)
    {
        foreach (var entry in root.EnumerateObject())
        {
            if (entry.NameEquals("__metadata__"))
            {
                AddMetadata(entry.Value);
            }
            else
            {
                AddTensor(entry.Name, entry.Value);
            }
        }
    }

    private void AddMetadata(JsonElement metadata)
    {
        if (metadata.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (metadata.ValueKind != JsonValueKind.Object)
        {
            throw Bad("__metadata__", $"It is {metadata.ValueKind}, not an object of strings.");
        }

        foreach (var entry in metadata.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
            {
                throw Bad("__metadata__", $"'{entry.Name}' is {entry.Value.ValueKind}, not a string.");
            }

            _metadata.Add(entry.Name, entry.Value.GetString()!);
        }
    }

    private void AddTensor(string name, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw Bad(name, $"Its entry is {entry.ValueKind}, not an object with dtype, shape and data_offsets.");
        }

        var dtype = Field(name, entry, "dtype", JsonValueKind.String).GetString()!;
        if (!SafetensorsTypes.TryGetSize(dtype, out var size))
        {
            throw Bad(name, $"The dtype '{dtype}' is not known; known are {SafetensorsTypes.Names}.");
        }

        var shape = Extents(name, "shape", Field(name, entry, "shape", JsonValueKind.Array));
        var offsets = Extents(name, "data_offsets", Field(name, entry, "data_offsets", JsonValueKind.Array));
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Bad(name, $"data_offsets is [{string.Join(", ", offsets)}], not a begin and an end.");
        }

        CheckSize(name, dtype, shape, size, offsets[1] - offsets[0]);
        _tensors.Add(name, new StoredTensor(name, shape, dtype));
        _ranges.Add(name, new DataRange(offsets[0], offsets[1] - offsets[0]));
    }

    private void CheckSize(string name, string dtype, long[] shape, int size, long stored)
    {
        long bytes;
        try
        {
            bytes = shape.Aggregate((long)size, (product, extent) => checked(product * extent));
        }
        catch (OverflowException exception)
        {
            throw new CheckpointException(
                _path, name, $"The shape [{string.Join(", ", shape)}] has more elements than can be addressed.", exception);
        }

        if (bytes != stored)
        {
            throw Bad(
                name, $"{dtype} of shape [{string.Join(", ", shape)}] takes {bytes} bytes; data_offsets gives it {stored}.");
        }
    }

    private JsonElement Field(string name, JsonElement entry, string field, JsonValueKind kind) =>
        !entry.TryGetProperty(field, out var found) ? throw Bad(name, $"{field} is absent; it must be {kind}.")
        : found.ValueKind == kind ? found
        : throw Bad(name, $"{field} is {found.ValueKind}; it must be {kind}.");

    private long[] Extents(string name, string field, JsonElement array)
    {
        var extents = new long[array.GetArrayLength()];
        for (var i = 0; i < extents.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out extents[i]) || extents[i] < 0)
            {
                throw Bad(name, $"{field} holds {array[i].GetRawText()}; allowed are whole numbers from 0.");
            }
        }

        return extents;
    }

    /// <summary>Tensors must follow each other without gap or overlap and end where the file ends.</summary>
    private void CheckRangesCover(long fileLength)
    {
        var dataLength = fileLength - _dataStart;
        long end = 0;
        foreach (var (name, range) in _ranges.OrderBy(pair => pair.Value.Offset).ThenBy(pair => pair.Value.Length))
        {
            if (range.Offset != end)
            {
                var fault = range.Offset < end ? "overlaps the tensor before it" : "leaves a gap after the tensor before it";
                throw Bad(name, $"It starts at byte {range.Offset} of the data and {fault}, which ends at {end}.");
            }

            end += range.Length;
        }

        if (end != dataLength)
        {
            throw new CheckpointException(_path, null, end > dataLength
                ? $"The file is incomplete: {fileLength} of {(decimal)_dataStart + end} bytes are there. Get it again."
                : $"The tensors end at byte {end} of the data, but the file holds {dataLength} bytes of data.");
        }

        foreach (var (name, range) in _ranges.ToList())
        {
            _ranges[name] = range with { Offset = _dataStart + range.Offset };
        }
    }

    private CheckpointException Bad(string tensor, string problem) => new(_path, tensor, problem);
}

/// <summary>A range of bytes in a file.</summary>
internal readonly record struct DataRange(long Offset, long Length);
