using System.Text;
using System.Text.Json;
using Rebound.Text.Bpe;

namespace Rebound.Text.Loading;

/// <summary>
/// Reads the <c>model</c> of a <c>tokenizer.json</c> token by token: its vocabulary and merges, hundreds of thousands of
/// entries, never become a tree or strings.
/// </summary>
internal ref struct ModelReader
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly Vocabulary _vocabulary = new();
    private Range _merges;
    private bool _hasVocabulary;
    private bool _hasMerges;
    private string? _unknownPiece;
    private string _prefix = "";
    private string _suffix = "";
    private bool _fuseUnknown;
    private bool _byteFallback;
    private bool _ignoreMerges;
    private byte[] _left = new byte[256];
    private byte[] _right = new byte[256];

    /// <param name="json">The model's object, from brace to brace.</param>
    public ModelReader(ReadOnlySpan<byte> json) => _json = json;

    public BpeModel Read(bool byteLevel)
    {
        var reader = new Utf8JsonReader(_json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new TokenizerException($"model must be an object, but is {reader.TokenType}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            ReadProperty(key, ref reader);
        }

        if (!_hasVocabulary || !_hasMerges)
        {
            throw new TokenizerException($"model has no {(_hasVocabulary ? "merges" : "vocab")}, which BPE needs.");
        }

        var settings = new BpeSettings(_unknownPiece, _fuseUnknown, _byteFallback, _ignoreMerges, _prefix, _suffix);
        return new BpeModel(_vocabulary, ReadMerges(), settings, byteLevel);
    }

    private void ReadProperty(string key, ref Utf8JsonReader reader)
    {
        switch (key)
        {
            case "type":
                var type = ReadText(key, ref reader);
                if (type is not (null or "BPE"))
                {
                    throw new TokenizerException($"model: a model of type '{type}' is not supported; supported: BPE.");
                }

                break;
            case "vocab":
                ReadVocabulary(ref reader);
                _hasVocabulary = true;
                break;
            case "merges":
                Expect(key, "an array", reader.TokenType == JsonTokenType.StartArray, ref reader);
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                _merges = start..(int)reader.BytesConsumed;
                _hasMerges = true;
                break;
            case "dropout":
                var dropout = reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : 0;
                Expect(key, "null or 0 (encoding is deterministic here)", dropout == 0, ref reader);
                break;
            case "unk_token":
                _unknownPiece = ReadText(key, ref reader);
                break;
            case "continuing_subword_prefix":
                _prefix = ReadText(key, ref reader) ?? "";
                break;
            case "end_of_word_suffix":
                _suffix = ReadText(key, ref reader) ?? "";
                break;
            case "fuse_unk":
                _fuseUnknown = ReadSwitch(key, ref reader);
                break;
            case "byte_fallback":
                _byteFallback = ReadSwitch(key, ref reader);
                break;
            case "ignore_merges":
                _ignoreMerges = ReadSwitch(key, ref reader);
                break;
            default:
                throw new TokenizerException(
                    $"model.{key} is not known; known keys here: type, dropout, unk_token, continuing_subword_prefix, "
                    + "end_of_word_suffix, fuse_unk, byte_fallback, ignore_merges, vocab, merges.");
        }
    }

    private readonly void ReadVocabulary(ref Utf8JsonReader reader)
    {
        Expect("vocab", "an object", reader.TokenType == JsonTokenType.StartObject, ref reader);
        var buffer = new byte[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var piece = Unescape(ref reader, ref buffer);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id))
            {
                throw new TokenizerException($"model.vocab['{Encoding.UTF8.GetString(piece)}'] must be an id.");
            }

            _vocabulary.Add(piece, id);
        }
    }

    private MergeTable ReadMerges()
    {
        var json = _json[_merges];
        var counter = new Utf8JsonReader(json);
        var table = new MergeTable(CountItems(ref counter));
        var reader = new Utf8JsonReader(json);
        reader.Read();
        for (var rank = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray;)
        {
            var left = ReadMerge(rank, ref reader, out var right);
            if (!left.StartsWith("#version"u8))
            {
                AddMerge(table, left, right, rank++);
            }
        }

        return table;
    }

    private ReadOnlySpan<byte> ReadMerge(int rank, ref Utf8JsonReader reader, out ReadOnlySpan<byte> right)
    {
        if (reader.TokenType == JsonTokenType.StartArray
            && reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            var left = Unescape(ref reader, ref _left);
            if (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                right = Unescape(ref reader, ref _right);
                if (reader.Read() && reader.TokenType == JsonTokenType.EndArray)
                {
                    return left;
                }
            }
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            var both = Unescape(ref reader, ref _left);
            var space = both.IndexOf((byte)' ');
            if (space > 0 && both[(space + 1)..].IndexOf((byte)' ') < 0)
            {
                right = both[(space + 1)..];
                return both[..space];
            }
        }

        throw new TokenizerException($"model.merges[{rank}] must be two pieces, as \"a b\" or [\"a\", \"b\"].");
    }

    private readonly void AddMerge(MergeTable table, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int rank)
    {
        var rightTail = right[Math.Min(right.Length, Encoding.UTF8.GetByteCount(_prefix))..];
        Span<byte> merged = left.Length + rightTail.Length <= 512
            ? stackalloc byte[left.Length + rightTail.Length]
            : new byte[left.Length + rightTail.Length];
        left.CopyTo(merged);
        rightTail.CopyTo(merged[left.Length..]);
        table.Add(IdOf(left, rank), IdOf(right, rank), new Merge(rank, IdOf(merged, rank)));
    }

    private readonly int IdOf(ReadOnlySpan<byte> piece, int rank) => _vocabulary.TryGetId(piece, out var id)
        ? id
        : throw new TokenizerException(
            $"model.merges[{rank}] uses '{Encoding.UTF8.GetString(piece)}', which model.vocab does not hold.");

    private static int CountItems(ref Utf8JsonReader reader)
    {
        var count = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            count++;
        }

        return count;
    }

    /// <summary>A string or property name as UTF-8, straight from the file where it has no escapes.</summary>
    private static ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader, scoped ref byte[] buffer)
    {
        var raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return raw;
        }

        if (buffer.Length < raw.Length)
        {
            buffer = new byte[raw.Length];
        }

        return buffer.AsSpan(0, reader.CopyString(buffer));
    }

    private static string? ReadText(string key, ref Utf8JsonReader reader)
    {
        Expect(key, "a string or null", reader.TokenType is JsonTokenType.String or JsonTokenType.Null, ref reader);
        return reader.GetString();
    }

    private static bool ReadSwitch(string key, ref Utf8JsonReader reader)
    {
        var isSwitch = reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null;
        Expect(key, "true or false", isSwitch, ref reader);
        return reader.TokenType == JsonTokenType.True;
    }

    private static void Expect(string key, string wanted, bool holds, ref Utf8JsonReader reader)
    {
        if (!holds)
        {
            throw new TokenizerException($"model.{key} must be {wanted}, but is {reader.TokenType}.");
        }
    }
}
