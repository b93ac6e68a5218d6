using System.Globalization;
using System.Text.Json.Nodes;
using Rebound.Text;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The metadata of a tokenizer, from its <c>tokenizer.json</c> and <c>tokenizer_config.json</c>: the inverse of
/// <see cref="GgufTokenizer"/>. A tokenizer that came from a GGUF file keeps that file's entries. One that GGUF cannot hold is refused by
/// name.
/// </summary>
/// <param name="source">The tokenizer, which is there.</param>
/// <param name="vocabularySize">Rows of the model's embedding; those beyond the tokenizer's tokens become unused ones.</param>
/// <param name="endTokens">Ids after which the model stops, the most usual first.</param>
internal sealed class TokenizerEntries(TokenizerSource source, int vocabularySize, IReadOnlyList<int> endTokens, string location)
{
    private static readonly string[] EndRoles = ["eos", "eot", "eom"];

    private readonly Tokenizer _tokenizer = source.Tokenizer;

    public void AddTo(GgufEntries entries)
    {
        if (source.GgufMetadata is { } metadata)
        {
            entries.AddAll(metadata, "tokenizer.");
            return;
        }

        var json = source.Json;
        var vocabulary = json["model"]?["vocab"] as JsonObject;
        if (json["model"]?["type"]?.GetValue<string>() is not (null or "BPE") || vocabulary is null)
        {
            throw Cannot($"its model is {json["model"]?["type"]}, and only BPE is written");
        }

        CheckModel(json["model"]!.AsObject());
        var (tokens, kinds) = Tokens(vocabulary);
        if (json["model"]!["byte_fallback"]?.GetValue<bool>() ?? false)
        {
            AddSentencePiece(entries, json, tokens, kinds);
        }
        else
        {
            entries.Add(GgufTokenizer.ModelKey, "gpt2");
            entries.Add(ByteLevelTokenizer.SplitKey, GgufSplits.NameOf(json) ?? throw Cannot(
                $"it splits texts by '{GgufSplitNames.Steps(json["pre_tokenizer"])}' after the normalizer "
                    + $"'{GgufSplitNames.Steps(json["normalizer"])}', which has no name there"));
            AddVocabulary(entries, tokens, kinds);
            entries.Add(ByteLevelTokenizer.MergesKey, [.. Merges(json).Select(merge => $"{merge.Left} {merge.Right}")]);
        }

        AddSpecialTokens(entries);
        AddTemplates(entries);
    }

    private static IEnumerable<(string Left, string Right)> Merges(JsonObject json)
    {
        foreach (var merge in json["model"]!["merges"]!.AsArray())
        {
            if (merge is JsonArray pair)
            {
                yield return (pair[0]!.GetValue<string>(), pair[1]!.GetValue<string>());
            }
            else
            {
                var text = merge!.GetValue<string>();
                var space = text.IndexOf(' ', 1);
                yield return (text[..space], text[(space + 1)..]);
            }
        }
    }

    private static void AddVocabulary(GgufEntries entries, string[] tokens, GgufTokenKind[] kinds)
    {
        entries.Add(GgufVocabulary.TokensKey, tokens);
        entries.Add(GgufVocabulary.KindsKey, Array.ConvertAll(kinds, kind => (int)kind));
    }

    private void CheckModel(JsonObject model)
    {
        foreach (var key in (string[])["dropout", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model[key] is JsonValue value && value.ToString() is { Length: > 0 } text)
            {
                throw Cannot($"its model has '{key}' {text}");
            }
        }

        if (_tokenizer.VocabularySize > vocabularySize)
        {
            throw Cannot($"it has {_tokenizer.VocabularySize} tokens, and the model's embedding has {vocabularySize} rows");
        }
    }

    /// <summary>Every row's token and kind; rows that have none get a name that no text has.</summary>
    private (string[] Tokens, GgufTokenKind[] Kinds) Tokens(JsonObject vocabulary)
    {
        var tokens = new string[vocabularySize];
        var kinds = new GgufTokenKind[vocabularySize];
        foreach (var (token, id) in vocabulary)
        {
            (tokens[id!.GetValue<int>()], kinds[id.GetValue<int>()]) = (token, GgufTokenKind.Normal);
        }

        foreach (var added in _tokenizer.AddedTokens)
        {
            (tokens[added.Id], kinds[added.Id]) = (added.Content, added.Special ? GgufTokenKind.Control : GgufTokenKind.UserDefined);
        }

        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is null)
            {
                (tokens[id], kinds[id]) = (string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]"), GgufTokenKind.Unused);
            }
        }

        return (tokens, kinds);
    }

    private void AddSentencePiece(GgufEntries entries, JsonObject json, string[] tokens, GgufTokenKind[] kinds)
    {
        var (steps, splits) = (GgufSplitNames.Steps(json["normalizer"]), GgufSplitNames.Steps(json["pre_tokenizer"]));
        var addsSpace = steps == GgufSplitNames.Steps(SentencePieceTokenizer.Normalizer(addsSpace: true));
        if (splits.Length > 0 || (!addsSpace && steps != GgufSplitNames.Steps(SentencePieceTokenizer.Normalizer(addsSpace: false))))
        {
            throw Cannot($"it has the normalizer '{steps}' and the pre-tokenizer '{splits}', and only SentencePiece's own are held");
        }

        for (var id = 0; id < tokens.Length; id++)
        {
            kinds[id] = IsByte(tokens[id]) ? GgufTokenKind.Byte : kinds[id];
        }

        if (UnknownId(json) is { } unknown)
        {
            kinds[unknown] = GgufTokenKind.Unknown;
        }

        entries.Add(GgufTokenizer.ModelKey, "llama");
        entries.Add(ByteLevelTokenizer.SplitKey, "default");
        AddVocabulary(entries, tokens, kinds);
        entries.Add(SentencePieceTokenizer.ScoresKey, Scores(json, tokens));
        entries.Add("tokenizer.ggml.add_space_prefix", addsSpace);
    }

    /// <summary>
    /// SentencePiece's scores fall in the order in which tokens are merged; tokens that no merge gives come last. They hold what the
    /// merges say only where merges of one token follow each other, which the comparison of tokenizers shows.
    /// </summary>
    private static float[] Scores(JsonObject json, string[] tokens)
    {
        var rank = new Dictionary<string, int>();
        foreach (var (left, right) in Merges(json))
        {
            rank.TryAdd(left + right, rank.Count);
        }

        return Array.ConvertAll(tokens, token => -(float)rank.GetValueOrDefault(token, rank.Count));
    }

    private static bool IsByte(string token) =>
        token is ['<', '0', 'x', var high, var low, '>'] && char.IsAsciiHexDigitUpper(high) && char.IsAsciiHexDigitUpper(low);

    private int? UnknownId(JsonObject json) =>
        json["model"]!["unk_token"]?.GetValue<string>() is { } token && _tokenizer.TryGetId(token, out var id) ? id : null;

    private void AddSpecialTokens(GgufEntries entries)
    {
        var (before, after) = TokensAround();
        var bos = before ?? IdOf("bos_token");
        AddRole(entries, "bos", bos);
        int[] ends = [.. (after is { } last ? endTokens.Prepend(last) : endTokens).Distinct()];
        for (var i = 0; i < Math.Min(ends.Length, EndRoles.Length); i++)
        {
            AddRole(entries, EndRoles[i], ends[i]);
        }

        AddRole(entries, "unknown", IdOf("unk_token") ?? UnknownId(source.Json));
        AddRole(entries, "padding", IdOf("pad_token"));
        entries.Add("tokenizer.ggml.add_bos_token", before is not null);
        entries.Add("tokenizer.ggml.add_eos_token", after is not null);
    }

    /// <summary>The tokens that are put before and after every text.</summary>
    private (int? Before, int? After) TokensAround()
    {
        const string Text = "a";
        var (bare, whole) = (_tokenizer.Encode(Text), _tokenizer.Encode(Text, addSpecialTokens: true));
        for (var before = 0; before <= 1; before++)
        {
            var after = whole.Length - bare.Length - before;
            if (after is 0 or 1 && whole.AsSpan(before, bare.Length).SequenceEqual(bare))
            {
                return (before == 1 ? whole[0] : null, after == 1 ? whole[^1] : null);
            }
        }

        throw Cannot($"it puts {whole.Length - bare.Length} tokens around a text, and only one before it and one after it are held");
    }

    private int? IdOf(string key) =>
        source.SpecialToken(key, id: null) is { Length: > 0 } token && _tokenizer.TryGetId(token, out var id) ? id : null;

    private static void AddRole(GgufEntries entries, string role, int? id)
    {
        if (id is { } number)
        {
            entries.Add(GgufSpecialTokens.Key(role), number);
        }
    }

    private void AddTemplates(GgufEntries entries)
    {
        var templates = ChatTemplateFiles.All(source.Config, location);
        string[] others = [.. templates.Keys.Where(name => name.Length > 0)];
        if (templates.TryGetValue("", out var main))
        {
            entries.Add(GgufTokenizer.TemplateKey, main);
        }

        if (others.Length > 0)
        {
            entries.Add(GgufTokenizer.TemplateNamesKey, others);
            foreach (var name in others)
            {
                entries.Add($"{GgufTokenizer.TemplateKey}.{name}", templates[name]);
            }
        }
    }

    private CheckpointException Cannot(string why) => new(location, null, $"The tokenizer cannot be written as GGUF: {why}.");
}
