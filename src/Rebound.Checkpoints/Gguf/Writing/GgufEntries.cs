using System.Buffers.Binary;
using System.Text;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The metadata of a GGUF file that is to be written, in order. Values are <see cref="uint"/>, <see cref="float"/>, <see cref="bool"/>,
/// <see cref="string"/>, and arrays of <see cref="int"/>, <see cref="float"/> and <see cref="string"/>.
/// </summary>
internal sealed class GgufEntries
{
    private readonly List<(string Key, object Value)> _entries = [];

    public int Count => _entries.Count;

    public void Add(string key, uint value) => AddValue(key, value);

    public void Add(string key, int value) => AddValue(key, checked((uint)value));

    public void Add(string key, float value) => AddValue(key, value);

    public void Add(string key, bool value) => AddValue(key, value);

    public void Add(string key, string value) => AddValue(key, value);

    public void Add(string key, int[] values) => AddValue(key, values);

    public void Add(string key, float[] values) => AddValue(key, values);

    public void Add(string key, string[] values) => AddValue(key, values);

    /// <summary>Takes over the pairs of a file that was read whose keys begin so.</summary>
    public void AddAll(GgufMetadata metadata, string prefix)
    {
        foreach (var key in metadata.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            AddValue(key, metadata[key] switch
            {
                long number and >= 0 and <= uint.MaxValue => (uint)number,
                long[] numbers => Array.ConvertAll(numbers, number => checked((int)number)),
                double number => (float)number,
                (float or bool or string or float[] or string[]) and var value => value,
                var other => throw metadata.Bad(key, $"is {other}, which is not written."),
            });
        }
    }

    /// <summary>The pairs as a reader has them.</summary>
    /// <param name="path">The file, for messages.</param>
    public GgufMetadata Read(string path)
    {
        var metadata = new GgufMetadata(path);
        foreach (var (key, value) in _entries)
        {
            metadata.Add(key, value switch
            {
                uint number => (long)number,
                int[] numbers => Array.ConvertAll(numbers, number => (long)number),
                _ => value,
            });
        }

        return metadata;
    }

    public void Write(Stream stream)
    {
        foreach (var (key, value) in _entries)
        {
            WriteText(stream, key);
            if (value is Array array)
            {
                WriteNumber(stream, (uint)GgufValueType.Array);
                WriteNumber(stream, (uint)TypeOf(array.GetType().GetElementType()!));
                WriteNumber(stream, (ulong)array.Length);
                foreach (var element in array)
                {
                    WriteValue(stream, element);
                }
            }
            else
            {
                WriteNumber(stream, (uint)TypeOf(value.GetType()));
                WriteValue(stream, value);
            }
        }
    }

    public static void WriteText(Stream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteNumber(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    public static void WriteNumber(Stream stream, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    public static void WriteNumber(Stream stream, ulong number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    private void AddValue(string key, object value)
    {
        if (_entries.Exists(entry => entry.Key == key))
        {
            throw new ArgumentException($"'{key}' is there already.", nameof(key));
        }

        _entries.Add((key, value));
    }

    private static void WriteValue(Stream stream, object value)
    {
        switch (value)
        {
            case uint number:
                WriteNumber(stream, number);
                break;
            case int number:
                WriteNumber(stream, (uint)number);
                break;
            case float number:
                WriteNumber(stream, BitConverter.SingleToUInt32Bits(number));
                break;
            case bool flag:
                stream.WriteByte(flag ? (byte)1 : (byte)0);
                break;
            default:
                WriteText(stream, (string)value);
                break;
        }
    }

    private static GgufValueType TypeOf(Type type) =>
        type == typeof(uint) ? GgufValueType.UInt32
        : type == typeof(int) ? GgufValueType.Int32
        : type == typeof(float) ? GgufValueType.Float32
        : type == typeof(bool) ? GgufValueType.Bool
        : GgufValueType.String;
}
