using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Messages;
using Rebound.Text.Bpe;
using Rebound.Text.Decoding;
using Rebound.Text.Normalization;
using Rebound.Text.PreTokenization;

namespace Rebound.Text.Loading;

/// <summary>Everything that a <c>tokenizer.json</c> says.</summary>
internal sealed record TokenizerFile(
    BpeModel Model,
    IReadOnlyList<AddedToken> AddedTokens,
    Normalizer? Normalizer,
    PreTokenizer? PreTokenizer,
    PostProcessor? PostProcessor,
    TokenDecoder Decoder,
    Truncation? Truncation,
    Padding? Padding)
{
    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="TokenizerException">It is not JSON, is inconsistent, or names something that is not known.</exception>
    public static TokenizerFile Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadObject(json.StartsWith("\uFEFF"u8) ? json[3..] : json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TokenizerException($"The tokenizer is not valid JSON, {JsonProblem.Of(e)}.", e);
        }
    }

    private static TokenizerFile ReadObject(ReadOnlySpan<byte> json)
    {
        var rest = new JsonObject();
        var model = default(ModelReader?);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Nesting.Deepest });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new TokenizerException($"A tokenizer.json must be an object, but this is {reader.TokenType}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (key == "model" ? model is not null : rest.ContainsKey(key))
            {
                throw new TokenizerException($"The tokenizer has {key} twice.");
            }

            if (key == "model")
            {
                model = new ModelReader(json, ref reader);
            }
            else
            {
                rest[key] = ReadValue(json, key, ref reader);
            }
        }

        return model is not null
            ? Compose(model, new JsonFields(rest, "tokenizer"))
            : throw new TokenizerException("The tokenizer has no model.");
    }

    private static JsonNode? ReadValue(ReadOnlySpan<byte> json, string key, ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        try
        {
            return StrictJson.ParseNode(json[start..(int)reader.BytesConsumed]);
        }
        catch (StrictJsonException e)
        {
            throw e.Within(key, json[..start].Count((byte)'\n'));
        }
    }

    private static TokenizerFile Compose(ModelReader modelReader, JsonFields fields)
    {
        fields.Node("version");
        var normalizer = fields.Has("normalizer") ? Normalizer.Read(Component("normalizer")) : null;
        var preTokenizer = fields.Has("pre_tokenizer") ? PreTokenizer.Read(Component("pre_tokenizer")) : null;
        var postProcessor = fields.Has("post_processor") ? PostProcessor.Read(Component("post_processor")) : null;
        var decoder = fields.Has("decoder") ? TokenDecoder.Read(Component("decoder")) : new SpaceJoiningDecoder();
        var truncation = fields.Has("truncation") ? Truncation.Read(Component("truncation")) : null;
        var padding = fields.Has("padding") ? Padding.Read(Component("padding")) : null;
        var model = modelReader.Build(IsByteLevel(preTokenizer));
        var added = fields.Has("added_tokens") ? ReadAddedTokens(fields, model.Vocabulary) : [];
        fields.Finish();
        return new TokenizerFile(model, added, normalizer, preTokenizer, postProcessor, decoder, truncation, padding);

        JsonFields Component(string key) => new(fields.Node(key), key);
    }

    /// <summary>Whether the pieces end up as bytes; a ByteLevel stage must be the last, since others would see its spelling.</summary>
    private static bool IsByteLevel(PreTokenizer? preTokenizer)
    {
        var stages = Flatten(preTokenizer).ToArray();
        var index = Array.FindIndex(stages, stage => stage is ByteLevelPreTokenizer);
        return index < 0 || index == stages.Length - 1
            ? index >= 0
            : throw new TokenizerException(
                "pre_tokenizer has a stage after ByteLevel, which is not supported; ByteLevel must be the last.");
    }

    private static IEnumerable<PreTokenizer> Flatten(PreTokenizer? preTokenizer) => preTokenizer switch
    {
        null => [],
        SequencePreTokenizer sequence => sequence.Stages.SelectMany(Flatten),
        _ => [preTokenizer],
    };

    private static IReadOnlyList<AddedToken> ReadAddedTokens(JsonFields fields, Vocabulary vocabulary)
    {
        var tokens = new AddedTokenList(vocabulary);
        foreach (var (item, place) in fields.Array("added_tokens"))
        {
            tokens.Add(AddedToken.Read(new JsonFields(item, place)), place);
        }

        return tokens.Tokens;
    }
}
