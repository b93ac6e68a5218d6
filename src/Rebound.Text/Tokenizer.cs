using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Text.Bpe;
using Rebound.Text.Decoding;
using Rebound.Text.Loading;

namespace Rebound.Text;

/// <summary>
/// A tokenizer as a <c>tokenizer.json</c> describes it, with the ids that Hugging Face's tokenizers library gives: BPE
/// vocabularies, byte-level or in SentencePiece's manner. Every member may be called by several threads at once.
/// </summary>
public sealed class Tokenizer
{
    private readonly TokenizerFile _file;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;
    private readonly MergeBoundaries? _boundaries;
    private readonly Dictionary<int, AddedToken> _addedById = [];
    private readonly Dictionary<string, int> _addedIds = [];
    private readonly Dictionary<int, string> _normalizedTexts = [];
    private readonly HashSet<string> _specialContents;
    private readonly string?[] _texts;
    private readonly int? _strayId;
    private readonly Lazy<string> _fingerprint;
    private readonly ConcurrentBag<TextEncoder> _encoders = [];
    private TextEncoder? _encoder;

    private Tokenizer(TokenizerFile file, string definition)
    {
        (_file, DefinitionFingerprint) = (file, definition);
        _boundaries = file.PreTokenizer is null ? MergeBoundaries.Of(file.Model) : null;
        foreach (var token in file.AddedTokens)
        {
            _addedById[token.Id] = token;
            _addedIds[token.Content] = token.Id;
            if (token.Normalized && file.Normalizer is not null)
            {
                _normalizedTexts[token.Id] = file.Normalizer.Normalize(token.Content);
            }
        }

        _specialContents = [.. file.AddedTokens.Where(token => token.Special).Select(token => token.Content)];
        var bySpecial = file.AddedTokens.OrderByDescending(token => token.Special).ToLookup(token => token.Normalized);
        _rawTokens = new AddedTokenMatcher(bySpecial[false].Select(token => (token, token.Content)));
        _normalizedTokens = new AddedTokenMatcher(
            bySpecial[true].Select(token => (token, _normalizedTexts.GetValueOrDefault(token.Id, token.Content))));
        VocabularySize = file.AddedTokens.Select(token => token.Id + 1).Append(file.Model.Vocabulary.Size).Max();
        _texts = new string?[VocabularySize];
        _fingerprint = new Lazy<string>(HashVocabulary);
        _strayId = file.PostProcessor?.Ids.Cast<int?>().FirstOrDefault(id => TextOf(id!.Value) is null);
    }

    /// <summary>One more than the largest id.</summary>
    public int VocabularySize { get; }

    /// <summary>
    /// A fingerprint of the vocabulary, 16 hexadecimal digits of a SHA-256 over the tokens in the order of their ids: tokenizers that
    /// share it give ids the same meaning.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>A SHA-256 of all that it was made of, in hexadecimal digits: who shares it gives the same ids to every text.</summary>
    public string DefinitionFingerprint { get; }

    /// <summary>The tokens that are looked for in the text itself, special ones among them.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _file.AddedTokens;

    internal TokenizerFile Definition => _file;

    internal TokenDecoder Decoder => _file.Decoder;

    /// <summary>Reads a <c>tokenizer.json</c>, or the one in a folder.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="TokenizerException">It is damaged, or names something that is not known.</exception>
    public static Tokenizer Load(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "tokenizer.json") : path;
        var json = File.ReadAllBytes(file);
        try
        {
            return Parse(json);
        }
        catch (TokenizerException e)
        {
            throw new TokenizerException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>Takes the content of a <c>tokenizer.json</c>.</summary>
    /// <exception cref="TokenizerException">It is inconsistent, or names something that is not known.</exception>
    public static Tokenizer Parse(JsonObject json) => Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));

    /// <summary>Takes the bytes of a <c>tokenizer.json</c>.</summary>
    /// <exception cref="TokenizerException">They are not JSON, are inconsistent, or name something that is not known.</exception>
    public static Tokenizer Parse(ReadOnlySpan<byte> utf8Json) =>
        new(TokenizerFile.Read(utf8Json), Convert.ToHexStringLower(SHA256.HashData(utf8Json)));

    /// <summary>
    /// This tokenizer as a model uses it, as transformers makes it of a model's folder: texts are neither cut nor filled up,
    /// whatever truncation and padding the <c>tokenizer.json</c> keeps; the tokens are added that only the configuration names;
    /// and where it says so (<c>add_bos_token</c>, <c>add_eos_token</c>), its tokens begin and end a text.
    /// </summary>
    /// <param name="tokenizerConfig">The model's <c>tokenizer_config.json</c>; empty if it has none.</param>
    /// <param name="addedTokens">
    /// The <c>added_tokens.json</c> of an older model, ids by token, which counts where the configuration has no
    /// <c>added_tokens_decoder</c>; null for none.
    /// </param>
    /// <exception cref="TokenizerException">The configuration contradicts the tokenizer, or says what is not known.</exception>
    public Tokenizer ForModel(JsonObject tokenizerConfig, JsonObject? addedTokens = null) =>
        new(ModelTokenizer.Of(_file, tokenizerConfig, addedTokens ?? []), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{DefinitionFingerprint}\n{tokenizerConfig.ToJsonString()}\n{addedTokens?.ToJsonString()}"))));

    /// <summary>The ids of a text. Special tokens written in it become their ids; lone surrogates count as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add what the post-processor puts around a text, such as BOS.</param>
    /// <exception cref="TokenizerException">The post-processor adds a token that does not exist.</exception>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        var encoder = Rent(addSpecialTokens);
        var ids = encoder.Encode(text, addSpecialTokens).ToArray();
        Return(encoder);
        return ids;
    }

    /// <summary>
    /// The ids of the end of a text, where the beginning is known to be cut off by an added token: those that
    /// <see cref="Encode(string, bool)"/> gives it after the ids of the beginning.
    /// </summary>
    /// <param name="text">The whole text.</param>
    /// <param name="start">
    /// Where the end begins, right behind an added token that no longer one contains and that swallows no white space.
    /// </param>
    public int[] EncodeRest(string text, int start)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)text.Length);
        var encoder = Rent(addSpecialTokens: false);
        var ids = encoder.EncodeRest(text, start).ToArray();
        Return(encoder);
        return ids;
    }

    /// <summary>Adds the ids of a text to <paramref name="output"/>.</summary>
    /// <inheritdoc cref="Encode(string, bool)"/>
    public void Encode(ReadOnlySpan<char> text, List<int> output, bool addSpecialTokens = false)
    {
        var encoder = Rent(addSpecialTokens);
        output.AddRange(encoder.Encode(text, addSpecialTokens));
        Return(encoder);
    }

    /// <summary>Writes the ids of a text to <paramref name="output"/>.</summary>
    /// <inheritdoc cref="Encode(string, bool)"/>
    public void Encode(ReadOnlySpan<char> text, IBufferWriter<int> output, bool addSpecialTokens = false)
    {
        var encoder = Rent(addSpecialTokens);
        output.Write(encoder.Encode(text, addSpecialTokens));
        Return(encoder);
    }

    /// <summary>The text of ids. Ids that the vocabulary lacks are left out; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var decoder = CreateDecoder(skipSpecialTokens);
        foreach (var id in ids)
        {
            decoder.Push(id);
        }

        return decoder.Flush();
    }

    /// <summary>A decoder that takes ids one by one.</summary>
    public IncrementalDecoder CreateDecoder(bool skipSpecialTokens = true) => new(this, skipSpecialTokens);

    /// <summary>The id of a token, spelled as the vocabulary does (<c>Ġthe</c>, <c>▁the</c>, <c>&lt;|im_end|&gt;</c>).</summary>
    public bool TryGetId(string token, out int id) =>
        _addedIds.TryGetValue(token, out id) || _file.Model.Vocabulary.TryGetId(Encoding.UTF8.GetBytes(token), out id);

    /// <summary>
    /// The token of an id, spelled as the vocabulary does; what a <c>tokenizer.json</c> fills up with has the name that it gives it there,
    /// if it is no token.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public string IdToToken(int id) => TextOf(id) ?? (_file.Padding is { } padding && padding.PadId == id ? padding.PadToken : null)
        ?? throw new ArgumentOutOfRangeException(nameof(id), id, $"no token has this id; ids run from 0 to {VocabularySize - 1}");

    /// <summary>
    /// A token for people to read: byte-level spelling undone, and bytes that are no whole character written
    /// <c>&lt;0xE2&gt;</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public string DescribeToken(int id)
    {
        var token = IdToToken(id);
        return _file.Model.IsByteLevel && !_addedById.ContainsKey(id) ? ByteAlphabet.Describe(token) : token;
    }

    /// <summary>
    /// The text that decoding takes for an id, or null for an id to skip. An added token that matches in normalized text stands for its
    /// normalized content, and is skipped only if that content is a special token's.
    /// </summary>
    internal string? TextToDecode(int id, bool skipSpecialTokens)
    {
        if (!_addedById.TryGetValue(id, out var token))
        {
            return TextOf(id);
        }

        var text = _normalizedTexts.GetValueOrDefault(id, token.Content);
        return skipSpecialTokens && _specialContents.Contains(text) ? null : text;
    }

    private string? TextOf(int id)
    {
        if ((uint)id >= (uint)_texts.Length)
        {
            return null;
        }

        return _texts[id] ??= _addedById.TryGetValue(id, out var token)
            ? token.Content
            : _file.Model.Vocabulary.Contains(id)
                ? Encoding.UTF8.GetString(_file.Model.Vocabulary[id])
                : null;
    }

    private string HashVocabulary()
    {
        const int Digits = 16;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        for (var id = 0; id < VocabularySize; id++)
        {
            var isAdded = _addedById.TryGetValue(id, out var added);
            var token = isAdded ? Encoding.UTF8.GetBytes(added!.Content) : _file.Model.Vocabulary[id];
            BinaryPrimitives.WriteInt32LittleEndian(length, isAdded || _file.Model.Vocabulary.Contains(id) ? token.Length : -1);
            hash.AppendData(length);
            hash.AppendData(token);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }

    private TextEncoder Rent(bool addSpecialTokens)
    {
        if (addSpecialTokens && _strayId is { } stray)
        {
            throw new TokenizerException(
                $"post_processor puts the id {stray} around a text, but no token has it; ids run from 0 to {VocabularySize - 1}.");
        }

        return Interlocked.Exchange(ref _encoder, null)
            ?? (_encoders.TryTake(out var encoder) ? encoder : new TextEncoder(_file, _rawTokens, _normalizedTokens, _boundaries));
    }

    private void Return(TextEncoder encoder)
    {
        if (Interlocked.CompareExchange(ref _encoder, encoder, null) is not null)
        {
            _encoders.Add(encoder);
        }
    }
}
