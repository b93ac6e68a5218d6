using System.Buffers.Binary;
using Rebound.Checkpoints.Safetensors;

namespace Rebound.Checkpoints.Gguf;

/// <summary>A tensor as a GGUF header describes it, its data checked to lie inside of the file.</summary>
/// <param name="Name">The name in the file, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Shape">Extents, row-major (the file has them the other way round).</param>
/// <param name="Data">Bytes of the file.</param>
internal sealed record GgufTensor(string Name, long[] Shape, GgmlType Type, DataRange Data)
{
    /// <summary>Values of a row: the last extent.</summary>
    public long RowValues => Shape[^1];

    public long RowBytes => Type.BytesOf(RowValues);
}

/// <summary>
/// The header of a GGUF file, version 2 or 3, little-endian: metadata and tensor descriptions
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Nothing in it is believed before it has been checked
/// against the file's length.
/// </summary>
internal sealed class GgufHeader
{
    /// <summary>Version 1 counted in 32 bits; 2 and 3 are the same for little-endian files.</summary>
    private const uint OldestVersion = 2;
    private const uint NewestVersion = 3;
    private const int MaxRank = 4;

    /// <summary>Key length, value type and the smallest value.</summary>
    private const int SmallestEntryBytes = 8 + 4 + 1;

    /// <summary>Name length, rank, one extent, type and offset.</summary>
    private const int SmallestTensorBytes = 8 + 4 + 8 + 4 + 8;

    private readonly string _path;
    private readonly Dictionary<string, GgufTensor> _tensors = [];

    private GgufHeader(string path)
    {
        _path = path;
        Metadata = new GgufMetadata(path);
    }

    public GgufMetadata Metadata { get; }

    /// <summary>Every tensor by its name in the file.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors => _tensors;

    /// <exception cref="CheckpointException">The header is truncated, malformed, or contradicts the file's length.</exception>
    public static GgufHeader Read(MappedFile file)
    {
        var header = new GgufHeader(file.Path);
        using var window = file.Map(0, file.Length);
        var cursor = new GgufCursor(window, file.Path);
        header.ReadAll(ref cursor, file.Length);
        return header;
    }

    private void ReadAll(ref GgufCursor cursor, long fileLength)
    {
        ReadMagicAndVersion(ref cursor);
        var tensorCount = cursor.Read<ulong>("the number of tensors");
        var entryCount = cursor.Read<ulong>("the number of metadata entries");
        CheckCount(ref cursor, entryCount, SmallestEntryBytes, "metadata entries");
        for (ulong i = 0; i < entryCount; i++)
        {
            Metadata.Add(ref cursor);
        }

        CheckCount(ref cursor, tensorCount, SmallestTensorBytes, "tensors");
        for (ulong i = 0; i < tensorCount; i++)
        {
            ReadTensor(ref cursor);
        }

        PlaceTensors(cursor.Position, fileLength);
    }

    private static void ReadMagicAndVersion(ref GgufCursor cursor)
    {
        if (cursor.Read<uint>("the magic number") != BinaryPrimitives.ReadUInt32LittleEndian("GGUF"u8))
        {
            throw cursor.Bad($"The file does not start with 'GGUF': {ForeignFile.Guess(cursor.Beginning) ?? "this is not a GGUF file"}.");
        }

        var version = cursor.Read<uint>("the version");
        if (BinaryPrimitives.ReverseEndianness(version) <= ushort.MaxValue)
        {
            throw cursor.Bad("This GGUF file is big-endian; only little-endian files are read.");
        }

        if (version is < OldestVersion or > NewestVersion)
        {
            throw cursor.Bad(
                $"This is GGUF version {version}; versions {OldestVersion} and {NewestVersion} are read. Convert the model again.");
        }
    }

    private static void CheckCount(ref GgufCursor cursor, ulong count, int smallest, string what)
    {
        var limit = cursor.Remaining / smallest;
        if (count > (ulong)limit)
        {
            throw cursor.Bad(
                $"The header claims {count} {what}, and the file has room for {limit}: it is incomplete, or damaged. Get it again.");
        }
    }

    private void ReadTensor(ref GgufCursor cursor)
    {
        var name = cursor.ReadString("the name of a tensor");
        var rank = cursor.Read<uint>($"tensor '{name}'");
        if (rank is 0 or > MaxRank)
        {
            throw Bad(name, $"It has {rank} dimensions; allowed are 1 to {MaxRank}.");
        }

        var shape = new long[rank];
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            var extent = cursor.Read<ulong>($"tensor '{name}'");
            shape[i] = extent is > 0 and <= long.MaxValue
                ? (long)extent
                : throw Bad(name, $"It has an extent of {extent}.");
        }

        var number = cursor.Read<uint>($"tensor '{name}'");
        var type = GgmlType.Find(number, out var typeName)
            ?? throw Bad(name, $"It is of the type {typeName}; read are {GgmlType.SupportedNames}.");
        var offset = cursor.Read<ulong>($"tensor '{name}'");
        if (offset > long.MaxValue)
        {
            throw Bad(name, $"Its data starts at byte {offset}, outside of the file.");
        }

        var data = new DataRange((long)offset, BytesOf(name, shape, type));
        if (!_tensors.TryAdd(name, new GgufTensor(name, shape, type, data)))
        {
            throw Bad(name, "The header names it twice.");
        }
    }

    private long BytesOf(string name, long[] shape, GgmlType type)
    {
        if (shape[^1] % type.BlockValues != 0)
        {
            throw Bad(name, $"Its rows have {shape[^1]} values, no multiple of the {type.BlockValues} in a block of {type.Name}.");
        }

        try
        {
            // The product of extents itself is checked, since readers count values as well as bytes.
            var values = shape.Aggregate(1L, (product, extent) => checked(product * extent));
            return checked(values / type.BlockValues * type.BlockBytes);
        }
        catch (OverflowException exception)
        {
            throw new CheckpointException(
                _path, name, $"The shape [{string.Join(", ", shape)}] has more values than can be addressed.", exception);
        }
    }

    /// <summary>Turns offsets within the data into offsets within the file, and checks that no two tensors share bytes.</summary>
    private void PlaceTensors(long headerEnd, long fileLength)
    {
        var alignment = Metadata.Count("general.alignment") ?? 32;
        if (alignment == 0 || (alignment & (alignment - 1)) != 0)
        {
            throw Metadata.Bad("general.alignment", $"is {alignment}, not a power of two.");
        }

        var dataStart = headerEnd + ((alignment - (headerEnd % alignment)) % alignment);
        var end = dataStart;
        var tensors = _tensors.Values.OrderBy(tensor => tensor.Data.Offset).ToList();
        CheckComplete(tensors, dataStart, alignment, fileLength);
        foreach (var tensor in tensors)
        {
            var (offset, length) = tensor.Data;
            if (offset % alignment != 0)
            {
                throw Bad(tensor.Name, $"Its data starts at byte {offset}, no multiple of the alignment {alignment}.");
            }

            if (offset > fileLength - dataStart || length > fileLength - dataStart - offset)
            {
                throw Bad(
                    tensor.Name,
                    $"Its {length} bytes from {offset} end outside of the file; it has {Math.Max(0, fileLength - dataStart)} "
                        + "bytes of data.");
            }

            if (dataStart + offset < end)
            {
                throw Bad(tensor.Name, $"Its data starts at byte {offset} and overlaps the tensor before it.");
            }

            end = dataStart + offset + length;
            _tensors[tensor.Name] = tensor with { Data = new DataRange(dataStart + offset, length) };
        }
    }

    /// <summary>Says of tensors that follow each other as they should, beyond the end of the file, that the file was cut off.</summary>
    private void CheckComplete(List<GgufTensor> tensors, long dataStart, int alignment, long fileLength)
    {
        long end = 0;
        foreach (var (offset, length) in tensors.Select(tensor => tensor.Data))
        {
            var start = end + ((alignment - (end % alignment)) % alignment);
            if (offset != start || length > long.MaxValue / 2 - start)
            {
                return;
            }

            end = start + length;
        }

        if (end > fileLength - dataStart)
        {
            throw new CheckpointException(
                _path, null, $"The file is incomplete: {fileLength} of {dataStart + end} bytes are there. Get it again.");
        }
    }

    private CheckpointException Bad(string tensor, string problem) => new(_path, tensor, problem);
}
