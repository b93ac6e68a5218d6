using System.Text.Json.Nodes;
using Rebound.Files.Messages;

namespace Rebound.Text.Loading;

/// <summary>
/// Reads one object of a <c>tokenizer.json</c> and keeps count of what was read, so that a key nobody asked for is an
/// error by name instead of being ignored.
/// </summary>
internal sealed class JsonFields
{
    private readonly JsonObject _object;
    private readonly HashSet<string> _read = [];

    public JsonFields(JsonNode? node, string place)
    {
        Place = place;
        _object = node as JsonObject
            ?? throw new TokenizerException($"{place} must be an object, but is {Describe(node)}.");
    }

    /// <summary>Where in the file this object stands, such as <c>pre_tokenizer.pretokenizers[1]</c>.</summary>
    public string Place { get; }

    /// <summary>The component's <c>type</c>.</summary>
    public string Type => String("type");

    public bool Has(string key)
    {
        _read.Add(key);
        return _object.TryGetPropertyValue(key, out var value) && value is not null;
    }

    public string String(string key) => Read<string>(key, "a string");

    public string String(string key, string absent) => Has(key) ? String(key) : absent;

    public bool Boolean(string key, bool absent) => Has(key) ? Read<bool>(key, "true or false") : absent;

    public bool Boolean(string key) => Read<bool>(key, "true or false");

    public int Integer(string key)
    {
        var value = Read<int>(key, "a whole number below 2³¹");
        return value >= 0 ? value : throw new TokenizerException($"{Place}.{key} is {value}, but must not be negative.");
    }

    /// <summary>A string of exactly one code point, such as Metaspace's replacement.</summary>
    public string Character(string key)
    {
        var value = String(key);
        return value.EnumerateRunes().Count() == 1
            ? value
            : throw new TokenizerException($"{Place}.{key} is '{value}', but must be exactly one character.");
    }

    public JsonNode? Node(string key)
    {
        _read.Add(key);
        return _object.TryGetPropertyValue(key, out var value) ? value : null;
    }

    public JsonFields Object(string key) => new(Node(key), $"{Place}.{key}");

    /// <summary>The items of an array and the place of each.</summary>
    public IEnumerable<(JsonNode? Item, string Place)> Array(string key)
    {
        var array = Node(key) as JsonArray
            ?? throw new TokenizerException($"{Place}.{key} must be an array, but is {Describe(Node(key))}.");
        return array.Select((item, i) => (item, $"{Place}.{key}[{i}]"));
    }

    /// <summary>Fails if the object holds a key that was not read.</summary>
    public void Finish()
    {
        foreach (var (key, _) in _object)
        {
            if (!_read.Contains(key))
            {
                throw new TokenizerException(
                    $"{Place}.{key} is not known; known keys here: {string.Join(", ", _read.Order())}.");
            }
        }
    }

    /// <summary>The error for a <c>type</c> that is not known.</summary>
    public TokenizerException UnknownType(string kind, params ReadOnlySpan<string> known) =>
        new($"{Place}: {kind} of type '{Type}' is not supported; supported: {string.Join(", ", known.ToArray())}.");

    /// <summary>The error for a value that is not among those allowed.</summary>
    public TokenizerException UnknownValue(string key, string value, params ReadOnlySpan<string> known) =>
        new($"{Place}.{key} is '{value}', but must be one of {string.Join(", ", known.ToArray())}.");

    private T Read<T>(string key, string wanted)
    {
        var node = Node(key);
        return node is JsonValue value && value.TryGetValue<T>(out var result)
            ? result
            : throw new TokenizerException($"{Place}.{key} must be {wanted}, but is {Describe(node)}.");
    }

    /// <summary>A value as errors show it, cut if it is long.</summary>
    public static string Describe(JsonNode? node) => TextExcerpt.Beginning(node?.ToJsonString() ?? "absent or null", 60);
}
