using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Rebound.Text.Loading;

/// <summary>
/// Applies a model's <c>tokenizer_config.json</c> to the <c>tokenizer.json</c> beside it, as transformers does: adds the tokens that
/// only the configuration names, and puts the tokens that begin and end a text around it where it says so. There is no truncation and
/// no padding, which transformers leaves to the caller.
/// </summary>
internal static class ModelTokenizer
{
    private const string DecoderKey = "added_tokens_decoder";

    private static readonly string[] SpecialTokenKeys =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] SpecialTokenListKeys = ["additional_special_tokens", "extra_special_tokens"];

    /// <summary>Classes that look at <c>add_bos_token</c> (true if absent) and <c>add_eos_token</c> (false if absent).</summary>
    private static readonly string[] ClassesWithEnds = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer"];

    public static TokenizerFile Of(TokenizerFile file, JsonObject config, JsonObject addedTokens)
    {
        var tokens = new AddedTokenList(file.Model.Vocabulary);
        foreach (var token in file.AddedTokens)
        {
            tokens.Add(token, token.Content);
        }

        tokens.BeginFurther();
        var special = SpecialTokens(config).ToArray();
        if (config.ContainsKey(DecoderKey))
        {
            AddDecoderTokens(tokens, config);
        }
        else
        {
            AddOlderTokens(tokens, addedTokens, [.. special.Select(token => token.Content)]);
        }

        Array.ForEach(special, tokens.AddSpecial);
        var complete = file with { AddedTokens = tokens.Tokens, Truncation = null, Padding = null };
        return complete with { PostProcessor = Ends(complete, config) };
    }

    private static void AddDecoderTokens(AddedTokenList tokens, JsonObject config)
    {
        if (config[DecoderKey] is not { } node)
        {
            return;
        }

        var entries = node as JsonObject ?? throw Wrong(DecoderKey, node, "an object of tokens by their ids");
        foreach (var (id, entry) in entries.Select(entry => (Id: IdOf(entry.Key), entry.Value)).OrderBy(entry => entry.Id))
        {
            var place = $"tokenizer_config.{DecoderKey}.{id}";
            tokens.AddOrChange(Read(entry, place, id), place);
        }

        static int IdOf(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new TokenizerException($"tokenizer_config.{DecoderKey} has the key '{key}', which is no token's id.");
    }

    /// <summary>Those of an <c>added_tokens.json</c>, which says no more of them than their ids.</summary>
    private static void AddOlderTokens(AddedTokenList tokens, JsonObject addedTokens, HashSet<string> special)
    {
        foreach (var (content, id) in addedTokens.Select(entry => (Content: entry.Key, Id: IdOf(entry.Key, entry.Value)))
            .OrderBy(entry => entry.Id))
        {
            var isSpecial = special.Contains(content);
            tokens.AddNew(
                new AddedToken(id, content, SingleWord: false, StripLeft: false, StripRight: false, Normalized: !isSpecial, isSpecial),
                "added_tokens.json");
        }

        static int IdOf(string content, JsonNode? id) => id is JsonValue value && value.TryGetValue<int>(out var number) && number >= 0
            ? number
            : throw new TokenizerException(
                $"added_tokens.json gives '{content}' the id {JsonFields.Describe(id)}, which is no token's id.");
    }

    private static IEnumerable<AddedToken> SpecialTokens(JsonObject config)
    {
        foreach (var key in SpecialTokenKeys)
        {
            if (config[key] is { } token)
            {
                yield return SpecialToken(key, token);
            }
        }

        foreach (var key in SpecialTokenListKeys)
        {
            var list = config[key] switch
            {
                null => [],
                JsonArray items => items.ToArray(),
                JsonObject named => [.. named.Select(entry => entry.Value)],
                var other => throw Wrong(key, other, "a list of tokens"),
            };
            foreach (var token in list)
            {
                yield return SpecialToken(key, token);
            }
        }
    }

    private static AddedToken SpecialToken(string key, JsonNode? token) => token switch
    {
        JsonValue value when value.TryGetValue<string>(out var content) =>
            new AddedToken(0, content, SingleWord: false, StripLeft: false, StripRight: false, Normalized: false, Special: true),
        JsonObject entry => Read(entry, $"tokenizer_config.{key}", id: 0),
        _ => throw Wrong(key, token, "a token"),
    };

    private static AddedToken Read(JsonNode? entry, string place, int id)
    {
        var fields = new JsonFields(entry, place);
        fields.Node("__type"); // AddedToken, as older versions of transformers wrote it.
        return AddedToken.Read(fields, id);
    }

    /// <summary>
    /// The tokens that begin and end a text: what the configuration says where its class looks at that and it says something or
    /// the <c>tokenizer.json</c> does not, else what the <c>tokenizer.json</c> says.
    /// </summary>
    private static PostProcessor? Ends(TokenizerFile file, JsonObject config)
    {
        var (begins, ends) = (Switch(config, "add_bos_token"), Switch(config, "add_eos_token"));
        var isSaid = begins is not null || ends is not null;
        var hasClass = config["tokenizer_class"] is JsonValue value && value.TryGetValue<string>(out _);
        var looksAtThem = hasClass
            ? ClassesWithEnds.Contains(config["tokenizer_class"]!.GetValue<string>().Replace("Fast", "", StringComparison.Ordinal))
            : isSaid;
        if (!looksAtThem || (!isSaid && file.PostProcessor is not null))
        {
            return file.PostProcessor;
        }

        return new PostProcessor(
            begins ?? true ? IdsOf(file, config, "bos_token", "<s>") : [],
            ends ?? false ? IdsOf(file, config, "eos_token", "</s>") : []);
    }

    private static int[] IdsOf(TokenizerFile file, JsonObject config, string key, string absent)
    {
        var content = config.TryGetPropertyValue(key, out var token)
            ? token is null ? null : SpecialToken(key, token).Content
            : absent;
        return content is null ? []
            : file.AddedTokens.FirstOrDefault(added => added.Content == content) is { } known ? [known.Id]
            : file.Model.Vocabulary.TryGetId(Encoding.UTF8.GetBytes(content), out var id) ? [id]
            : [];
    }

    private static bool? Switch(JsonObject config, string key) => config[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<bool>(out var isOn) => isOn,
        var other => throw Wrong(key, other, "true or false"),
    };

    private static TokenizerException Wrong(string key, JsonNode? node, string wanted) =>
        new($"tokenizer_config.{key} must be {wanted}, but is {JsonFields.Describe(node)}.");
}
