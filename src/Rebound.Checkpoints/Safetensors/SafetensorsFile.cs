using System.Runtime.InteropServices;
using Rebound.Quantization;

namespace Rebound.Checkpoints.Safetensors;

/// <summary>
/// One safetensors file, memory-mapped. Floating-point tensors (F32, F16, BF16) are read as fp32; integer tensors
/// through <see cref="ReadInt32"/>. Reads may run on several threads at once.
/// </summary>
public sealed class SafetensorsFile : ITensorSource
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;

    /// <summary>Opens a file and checks its header; no tensor is read yet.</summary>
    /// <exception cref="CheckpointException">The file is absent, truncated, or its header is wrong.</exception>
    public SafetensorsFile(string path)
    {
        _file = new MappedFile(path);
        try
        {
            _header = SafetensorsHeader.Read(_file);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Location => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _header.Tensors;

    /// <summary>The strings of <c>__metadata__</c>, for example <c>format</c> → <c>pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <inheritdoc/>
    public void Read(string name, Span<float> destination)
    {
        Read(Tensors.Find(name, Location, destination.Length), first: 0, destination);
    }

    /// <inheritdoc/>
    public void ReadRows(string name, long first, Span<float> destination)
    {
        var tensor = Tensors.Find(name, Location);
        Read(tensor, first * tensor.Shape[^1], destination);
    }

    /// <summary>Reads some of a tensor's values, one after the other as they are stored.</summary>
    /// <param name="first">The place of the first, counted from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">Some are beyond the tensor's end.</exception>
    /// <inheritdoc cref="Read(string, Span{float})" path="/exception"/>
    public void ReadPart(string name, long first, Span<float> destination)
    {
        var tensor = Tensors.Find(name, Location);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, tensor.Count - destination.Length);
        Read(tensor, first, destination);
    }

    /// <inheritdoc/>
    public bool TryReadBFloat16(string name, BFloat16Piece take)
    {
        var tensor = Tensors.Find(name, Location);
        if (tensor.StoredType != "BF16")
        {
            return false;
        }

        ReadWindows<ushort>(name, 0, tensor.Count, window => take(window));
        return true;
    }

    /// <inheritdoc/>
    public BlockType? StoredAs(string name) => Tensors.TryGetValue(name, out var tensor) && tensor.Shape.Count == 2
        ? tensor.StoredType switch
        {
            "F16" => BlockType.F16,
            "BF16" => BlockType.BF16,
            _ => null,
        }
        : null;

    /// <inheritdoc/>
    public void ReadStored(string name, Span<byte> destination)
    {
        Tensors.Find(name, Location);
        ReadElements<byte, byte>(name, 0, destination, static (stored, bytes) => stored.CopyTo(bytes));
    }

    /// <inheritdoc/>
    public IMappedTensors MapStored() => new MappedTensors(
        _file.MapWhole(),
        Tensors.Keys.Where(name => StoredAs(name) is not null).ToDictionary(name => name, name => _header.RangeOf(name).Offset));

    /// <summary>Reads a tensor of I32, or of I64 whose values all fit, such as token ids and labels.</summary>
    /// <exception cref="CheckpointException">The name is absent, the type is another, or a value does not fit.</exception>
    public int[] ReadInt32(string name)
    {
        var tensor = Tensors.Find(name, Location);
        if (tensor.StoredType is not ("I32" or "I64"))
        {
            throw new CheckpointException(Location, name, $"It is {tensor.StoredType}; integers are read from I32 or I64.");
        }

        if (tensor.Count > Array.MaxLength)
        {
            throw new CheckpointException(Location, name, $"It has {tensor.Count} elements; one array holds {Array.MaxLength}.");
        }

        var values = new int[tensor.Count];
        if (tensor.StoredType == "I32")
        {
            ReadElements<int, int>(name, 0, values, static (stored, integers) => stored.CopyTo(integers));
            return values;
        }

        try
        {
            ReadElements<long, int>(name, 0, values, static (stored, integers) =>
            {
                for (var i = 0; i < stored.Length; i++)
                {
                    integers[i] = checked((int)stored[i]);
                }
            });
            return values;
        }
        catch (OverflowException exception)
        {
            throw new CheckpointException(Location, name, "A value does not fit into 32 bits.", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private void Read(StoredTensor tensor, long first, Span<float> destination)
    {
        var name = tensor.Name;
        switch (tensor.StoredType)
        {
            case "F32":
                ReadElements<float>(name, first, destination, static (stored, floats) => stored.CopyTo(floats));
                break;
            case "F16":
                ReadElements<ushort>(name, first, destination, HalfPrecision.WidenFloat16);
                break;
            case "BF16":
                ReadElements<ushort>(name, first, destination, HalfPrecision.WidenBFloat16);
                break;
            default:
                throw new CheckpointException(
                    Location, name, $"It is {tensor.StoredType}; floating-point values are read from F32, F16 or BF16.");
        }
    }

    private void ReadElements<TStored>(string name, long start, Span<float> destination, Converter<TStored, float> convert)
        where TStored : unmanaged => ReadElements<TStored, float>(name, start, destination, convert);

    /// <summary>
    /// Converts a tensor window by window straight into its destination. Data starts at any byte of the file, so that
    /// elements need not be aligned; the conversions load vectors unaligned.
    /// </summary>
    private unsafe void ReadElements<TStored, TValue>(
        string name, long start, Span<TValue> destination, Converter<TStored, TValue> convert)
        where TStored : unmanaged
        where TValue : unmanaged
    {
        fixed (TValue* first = destination)
        {
            var next = first;
            ReadWindows<TStored>(name, start, destination.Length, window =>
            {
                convert(window, new Span<TValue>(next, window.Length));
                next += window.Length;
            });
        }
    }

    private unsafe void ReadWindows<TStored>(string name, long start, long count, Window<TStored> take)
        where TStored : unmanaged
    {
        var offset = _header.RangeOf(name).Offset + (start * sizeof(TStored));
        while (count > 0)
        {
            var elements = (int)Math.Min(count, MappedFile.WindowBytes / sizeof(TStored));
            using var window = _file.Map(offset, (long)elements * sizeof(TStored));
            take(MemoryMarshal.Cast<byte, TStored>(window.Bytes));
            count -= elements;
            offset += (long)elements * sizeof(TStored);
        }
    }

    private delegate void Window<TStored>(ReadOnlySpan<TStored> stored);

    private delegate void Converter<TStored, TValue>(ReadOnlySpan<TStored> stored, Span<TValue> values);
}
