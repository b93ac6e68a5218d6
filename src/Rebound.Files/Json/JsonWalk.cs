using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Rebound.Files.Messages;

namespace Rebound.Files.Json;

/// <summary>Goes through JSON token by token to say where something of it cannot be used.</summary>
internal ref struct JsonWalk
{
    /// <summary>Why an escape such as <c>\ud800</c> alone cannot be used.</summary>
    public const string HalfPair = "it holds half of a surrogate pair, which is no text";

    private const int MostOfAName = 60;

    private readonly ReadOnlySpan<byte> _json;
    private readonly bool _refuseDuplicates;
    private readonly Stack<Level> _levels = new();
    private Utf8JsonReader _reader;

    private JsonWalk(ReadOnlySpan<byte> json, bool refuseDuplicates)
    {
        _json = json;
        _refuseDuplicates = refuseDuplicates;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Nesting.Deepest });
    }

    /// <exception cref="StrictJsonException">A name or text is not valid Unicode, or an object has a name twice and must not.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void Check(ReadOnlySpan<byte> json, bool refuseDuplicates)
    {
        var walk = new JsonWalk(json, refuseDuplicates);
        while (walk._reader.Read())
        {
            walk.CheckToken();
        }
    }

    private void CheckToken()
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                TakeName(_levels.Peek());
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _levels.Pop();
                break;
            default:
                if (_levels.TryPeek(out var level))
                {
                    level.Index++;
                }

                CheckValue();
                break;
        }
    }

    private readonly void TakeName(Level level)
    {
        level.Name = null;
        var name = Text();
        if (!level.Names.Add(name) && _refuseDuplicates)
        {
            throw Error($"the name '{TextExcerpt.Beginning(name, MostOfAName)}' is there twice");
        }

        level.Name = name;
    }

    private readonly void CheckValue()
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                _levels.Push(new Level(_reader.TokenType == JsonTokenType.StartArray));
                break;
            case JsonTokenType.String:
                Text();
                break;
        }
    }

    private readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Error(Utf8.IsValid(_reader.ValueSpan) ? HalfPair : "it holds bytes that are not UTF-8", e);
        }
    }

    private readonly StrictJsonException Error(string message, Exception? inner = null)
    {
        var path = new StringBuilder();
        foreach (var level in _levels.Reverse())
        {
            path.Append(level.Place(isFirst: path.Length == 0));
        }

        return new StrictJsonException(
            message, path.Length == 0 ? null : path.ToString(), _json[..(int)_reader.TokenStartIndex].Count((byte)'\n'), inner);
    }

    /// <summary>An object or a list that the walk is in.</summary>
    private sealed class Level(bool isList)
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        /// <summary>The member that is read; null at a name.</summary>
        public string? Name { get; set; }

        /// <summary>The values that were read, the one that is being read among them.</summary>
        public int Index { get; set; }

        public string Place(bool isFirst) =>
            isList ? $"[{Index - 1}]" : Name is null ? "" : isFirst ? Name : $".{Name}";
    }
}
