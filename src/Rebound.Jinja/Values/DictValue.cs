using System.Diagnostics.CodeAnalysis;

namespace Rebound.Jinja.Values;

/// <summary>Python's dict in insertion order; changed only while it is being built.</summary>
internal sealed class DictValue(int capacity = 4)
{
    private const int ScannedCount = 8;

    private object?[] _keys = new object?[capacity];
    private object?[] _values = new object?[capacity];
    private Dictionary<HashKey, int>? _positions;

    public int Count { get; private set; }

    public ReadOnlySpan<object?> Keys => _keys.AsSpan(0, Count);

    public ReadOnlySpan<object?> Values => _values.AsSpan(0, Count);

    public TupleValue Item(int position) => new(_keys[position], _values[position]);

    public bool TryGet(string key, out object? value)
    {
        if (_positions is not null)
        {
            return TryGetIndexed(key, out value);
        }

        for (var position = 0; position < Count; position++)
        {
            if (_keys[position] is string text ? text == key : _keys[position] is Markup markup && markup.Text == key)
            {
                value = _values[position];
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Looks a key of any type up; an unhashable one is an error, as in Python.</summary>
    public bool TryGet(object? key, out object? value)
    {
        if (key is string text)
        {
            return TryGet(text, out value);
        }

        var position = Find(new HashKey(key));
        value = position < 0 ? null : _values[position];
        return position >= 0;
    }

    public void Set(object? key, object? value)
    {
        var hashKey = new HashKey(key);
        var position = Find(hashKey);
        if (position >= 0)
        {
            _values[position] = value;
            return;
        }

        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Math.Max(4, Count * 2));
            Array.Resize(ref _values, _keys.Length);
        }

        _keys[Count] = key;
        _values[Count] = value;
        if (_positions is not null)
        {
            _positions.Add(hashKey, Count);
        }
        else if (Count == ScannedCount)
        {
            Index();
        }

        Count++;
    }

    public DictValue Copy()
    {
        var copy = new DictValue(Count);
        for (var position = 0; position < Count; position++)
        {
            copy.Set(_keys[position], _values[position]);
        }

        return copy;
    }

    private int Find(HashKey key)
    {
        if (_positions is not null)
        {
            return _positions.TryGetValue(key, out var indexed) ? indexed : -1;
        }

        for (var position = 0; position < Count; position++)
        {
            if (PythonEquality.AreEqual(_keys[position], key.Value))
            {
                return position;
            }
        }

        return -1;
    }

    private bool TryGetIndexed(string key, [MaybeNullWhen(false)] out object? value)
    {
        var found = _positions!.TryGetValue(new HashKey(key), out var position);
        value = found ? _values[position] : null;
        return found;
    }

    private void Index()
    {
        _positions = [];
        for (var position = 0; position <= Count; position++)
        {
            _positions.Add(new HashKey(_keys[position]), position);
        }
    }

    /// <summary>A key with Python's equality and hash (<c>1 == 1.0 == True</c>); refuses what Python cannot hash.</summary>
    private readonly struct HashKey : IEquatable<HashKey>
    {
        private readonly int _hash;

        public HashKey(object? value)
        {
            Value = value;
            _hash = PythonEquality.HashOf(value);
        }

        public object? Value { get; }

        public bool Equals(HashKey other)
        {
            RenderState.Current?.Step();
            return _hash == other._hash && PythonEquality.AreEqual(Value, other.Value);
        }

        public override bool Equals(object? obj) => obj is HashKey other && Equals(other);

        public override int GetHashCode() => _hash;
    }
}

/// <summary>A view of <c>dict.keys()</c>, <c>values()</c> or <c>items()</c>: iterable, with a length, without an index.</summary>
internal sealed class DictView(DictValue dict, DictView.Part part)
{
    public enum Part
    {
        Keys,
        Values,
        Items,
    }

    public DictValue Dict { get; } = dict;

    public Part Kind { get; } = part;

    public int Count => Dict.Count;

    public string TypeName => Kind switch
    {
        Part.Keys => "dict_keys",
        Part.Values => "dict_values",
        _ => "dict_items",
    };

    public object? this[int position] => Kind switch
    {
        Part.Keys => Dict.Keys[position],
        Part.Values => Dict.Values[position],
        _ => Dict.Item(position),
    };
}
