using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Rebound.Text.Bpe;

namespace Rebound.Text.Loading;

/// <summary>
/// Reads the <c>model</c> of a <c>tokenizer.json</c> token by token: its vocabulary and merges, hundreds of thousands of
/// entries, never become a tree or strings.
/// </summary>
internal sealed class ModelReader
{
    private readonly Vocabulary _vocabulary;
    private readonly List<(int Left, int Right, int Merged)> _merges;
    private Range? _waitingMerges;
    private bool _hasVocabulary;
    private bool _hasMerges;
    private bool _hasPrefix;
    private string? _unknownPiece;
    private string _prefix = "";
    private string _suffix = "";
    private bool _fuseUnknown;
    private bool _byteFallback;
    private bool _ignoreMerges;
    private byte[] _left = new byte[256];
    private byte[] _right = new byte[256];
    private byte[] _merged = new byte[256];
    private int _lastMerged;

    /// <param name="json">The file, whose reader stands at its model's value.</param>
    /// <param name="reader">Moves to the model's end.</param>
    public ModelReader(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        // An entry of a vocabulary takes some 25 bytes of the file, a merge some 20.
        _vocabulary = new Vocabulary(json.Length / 64);
        _merges = new List<(int Left, int Right, int Merged)>(json.Length / 64);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new TokenizerException($"model must be an object, but is {reader.TokenType}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            ReadProperty(key, json, ref reader);
        }

        if (!_hasVocabulary || !_hasMerges)
        {
            throw new TokenizerException($"model has no {(_hasVocabulary ? "merges" : "vocab")}, which BPE needs.");
        }

        if (_waitingMerges is { } range)
        {
            var waiting = new Utf8JsonReader(json[range]);
            waiting.Read();
            ReadMerges(ref waiting);
        }
    }

    public Vocabulary Vocabulary => _vocabulary;

    /// <param name="byteLevel">Whether words are read as UTF-8 bytes.</param>
    public BpeModel Build(bool byteLevel)
    {
        var settings = new BpeSettings(_unknownPiece, _fuseUnknown, _byteFallback, _ignoreMerges, _prefix, _suffix);
        return new BpeModel(_vocabulary, new MergeTable(_merges), settings, byteLevel);
    }

    private void ReadProperty(string key, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
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
                _hasMerges = true;
                if (_hasVocabulary && _hasPrefix)
                {
                    ReadMerges(ref reader);
                    break;
                }

                // Merges name pieces by their text: they wait for what gives it a meaning.
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                _waitingMerges = start..(int)reader.BytesConsumed;
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
                _hasPrefix = true;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        Expect("vocab", "an object", reader.TokenType == JsonTokenType.StartObject, ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var piece = Unescape(ref reader, ref _left);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id))
            {
                throw new TokenizerException($"model.vocab['{Encoding.UTF8.GetString(piece)}'] must be an id.");
            }

            _vocabulary.Add(piece, id);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadMerges(ref Utf8JsonReader reader)
    {
        var prefixLength = Encoding.UTF8.GetByteCount(_prefix);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var left = ReadMerge(ref reader, out var right);
            if (!left.StartsWith("#version"u8))
            {
                var merged = Concatenate(left, right[Math.Min(right.Length, prefixLength)..]);
                _merges.Add((IdOf(left), IdOf(right), MergedIdOf(merged)));
            }
        }
    }

    private ReadOnlySpan<byte> ReadMerge(ref Utf8JsonReader reader, out ReadOnlySpan<byte> right)
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

        throw new TokenizerException($"model.merges[{_merges.Count}] must be two pieces, as \"a b\" or [\"a\", \"b\"].");
    }

    private ReadOnlySpan<byte> Concatenate(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var length = left.Length + right.Length;
        if (_merged.Length < length)
        {
            _merged = new byte[2 * length];
        }

        left.CopyTo(_merged);
        right.CopyTo(_merged.AsSpan(left.Length));
        return _merged.AsSpan(0, length);
    }

    /// <summary>Merges mostly stand in the order of their pieces, so the next one is tried first.</summary>
    private int MergedIdOf(ReadOnlySpan<byte> piece)
    {
        _lastMerged = _vocabulary[_lastMerged + 1].SequenceEqual(piece) ? _lastMerged + 1 : IdOf(piece);
        return _lastMerged;
    }

    private int IdOf(ReadOnlySpan<byte> piece) => _vocabulary.TryGetId(piece, out var id)
        ? id
        : throw new TokenizerException(
            $"model.merges[{_merges.Count}] uses '{Encoding.UTF8.GetString(piece)}', which model.vocab does not hold.");

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
