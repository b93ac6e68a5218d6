using System.Globalization;

namespace Rebound.Checkpoints.Gguf;

/// <summary>The key-value pairs of a GGUF file, checked for their types when they are asked for.</summary>
internal sealed class GgufMetadata
{
    private readonly Dictionary<string, object> _values = [];

    public GgufMetadata(string path) => Path = path;

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Reads one pair.</summary>
    /// <exception cref="CheckpointException">It is truncated, of an unknown type, or its key came before.</exception>
    public void Add(ref GgufCursor cursor)
    {
        var key = cursor.ReadString("the key of a metadata entry");
        var what = $"metadata '{key}'";
        var type = (GgufValueType)cursor.Read<uint>(what);
        var value = type == GgufValueType.Array ? ReadArray(ref cursor, what) : ReadScalar(ref cursor, type, what);
        if (!_values.TryAdd(key, value))
        {
            throw cursor.Bad($"{what} is there twice.");
        }
    }

    /// <summary>Adds a pair that was not read from a file.</summary>
    /// <param name="value">As files are read: whole numbers as <see cref="long"/>, fp32 ones as <see cref="float"/>.</param>
    public void Add(string key, object value) => _values.Add(key, value);

    /// <summary>A value as it was read; the key is there.</summary>
    public object this[string key] => _values[key];

    public bool Has(string key) => _values.ContainsKey(key);

    public string? Text(string key) => Get<string>(key);

    public string RequiredText(string key) => Text(key) ?? throw Absent(key);

    /// <summary>A whole number that is not negative, or null when the key is absent.</summary>
    public int? Count(string key) => _values.GetValueOrDefault(key) switch
    {
        null => null,
        long value and >= 0 and <= int.MaxValue => (int)value,
        var other => throw Wrong(key, other, $"a whole number from 0 to {int.MaxValue}"),
    };

    /// <summary>A whole number, or null when the key is absent.</summary>
    public long? Integer(string key) => _values.GetValueOrDefault(key) switch
    {
        null => null,
        long value => value,
        var other => throw Wrong(key, other, "a whole number"),
    };

    public int RequiredCount(string key) => Count(key) ?? throw Absent(key);

    /// <summary>A number; an fp32 one becomes the double of its shortest decimal form, as a config.json has it.</summary>
    public double? Number(string key) => _values.GetValueOrDefault(key) switch
    {
        null => null,
        float.NaN or float.PositiveInfinity or float.NegativeInfinity => throw Bad(key, "is not a finite number."),
        double.NaN or double.PositiveInfinity or double.NegativeInfinity => throw Bad(key, "is not a finite number."),
        float value => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        double value => value,
        long value => value,
        var other => throw Wrong(key, other, "a number"),
    };

    public double RequiredNumber(string key) => Number(key) ?? throw Absent(key);

    public bool? Flag(string key) => _values.GetValueOrDefault(key) switch
    {
        null => null,
        bool value => value,
        var other => throw Wrong(key, other, "true or false"),
    };

    /// <summary>The length of an array, or null when the key is absent or something else.</summary>
    public int? Length(string key) => (_values.GetValueOrDefault(key) as Array)?.Length;

    public string[]? Texts(string key) => Get<string[]>(key);

    public long[]? Integers(string key) => Get<long[]>(key);

    public float[]? Numbers(string key) => Get<float[]>(key);

    public CheckpointException Bad(string key, string problem) => new(Path, null, $"metadata '{key}' {problem}");

    private T? Get<T>(string key)
        where T : class => _values.GetValueOrDefault(key) switch
        {
            null => null,
            T value => value,
            var other => throw Wrong(key, other, Name(typeof(T))),
        };

    private CheckpointException Absent(string key) => Bad(key, "is absent.");

    private CheckpointException Wrong(string key, object value, string expected) =>
        Bad(key, $"is {(value is Array ? Name(value.GetType()) : value)}, not {expected}.");

    private static string Name(Type type) => type == typeof(string) ? "a string"
        : type == typeof(string[]) ? "an array of strings"
        : type == typeof(long[]) ? "an array of integers"
        : type == typeof(float[]) ? "an array of fp32 numbers"
        : "an array";

    private static object ReadScalar(ref GgufCursor cursor, GgufValueType type, string what) => type switch
    {
        GgufValueType.Float32 => cursor.Read<float>(what),
        GgufValueType.Float64 => cursor.Read<double>(what),
        GgufValueType.Bool => ReadBool(ref cursor, what),
        GgufValueType.String => cursor.ReadString(what),
        _ => ReadInteger(ref cursor, type, what),
    };

    private static object ReadArray(ref GgufCursor cursor, string what)
    {
        var type = (GgufValueType)cursor.Read<uint>(what);
        var length = cursor.ReadLength(SmallestBytes(ref cursor, type, what), what);
        switch (type)
        {
            case GgufValueType.String:
                // Not sized by the claimed length, which says little about how many strings will really be there.
                List<string> texts = [];
                while (texts.Count < length)
                {
                    texts.Add(cursor.ReadString(what));
                }

                return texts.ToArray();
            case GgufValueType.Float32 or GgufValueType.Float64:
                var numbers = new float[length];
                for (var i = 0; i < length; i++)
                {
                    numbers[i] = type == GgufValueType.Float32 ? cursor.Read<float>(what) : (float)cursor.Read<double>(what);
                }

                return numbers;
            case GgufValueType.Bool:
                var flags = new bool[length];
                for (var i = 0; i < length; i++)
                {
                    flags[i] = ReadBool(ref cursor, what);
                }

                return flags;
            default:
                var integers = new long[length];
                for (var i = 0; i < length; i++)
                {
                    integers[i] = ReadInteger(ref cursor, type, what);
                }

                return integers;
        }
    }

    private static bool ReadBool(ref GgufCursor cursor, string what) => cursor.Read<byte>(what) switch
    {
        0 => false,
        1 => true,
        var other => throw cursor.Bad($"{what} is a truth value of {other}; allowed are 0 and 1."),
    };

    private static long ReadInteger(ref GgufCursor cursor, GgufValueType type, string what) => type switch
    {
        GgufValueType.UInt8 => cursor.Read<byte>(what),
        GgufValueType.Int8 => cursor.Read<sbyte>(what),
        GgufValueType.UInt16 => cursor.Read<ushort>(what),
        GgufValueType.Int16 => cursor.Read<short>(what),
        GgufValueType.UInt32 => cursor.Read<uint>(what),
        GgufValueType.Int32 => cursor.Read<int>(what),
        GgufValueType.Int64 => cursor.Read<long>(what),
        GgufValueType.UInt64 => cursor.Read<ulong>(what) is var value && value <= long.MaxValue
            ? (long)value
            : throw cursor.Bad($"{what} is {value}, more than this version reads."),
        _ => throw cursor.Bad($"{what} has the unknown value type {(uint)type}."),
    };

    private static int SmallestBytes(ref GgufCursor cursor, GgufValueType type, string what) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 or GgufValueType.String => 8,
        GgufValueType.Array => throw cursor.Bad($"{what} is an array of arrays, which no supported model has."),
        _ => throw cursor.Bad($"{what} is an array of the unknown value type {(uint)type}."),
    };
}

/// <summary>The value types of GGUF metadata, with the numbers of its specification.</summary>
internal enum GgufValueType : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}
