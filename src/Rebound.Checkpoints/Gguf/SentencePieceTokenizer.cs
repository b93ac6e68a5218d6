using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// GGUF's tokenizer model <c>llama</c>: SentencePiece BPE, which has scores instead of merges, spells spaces ▁, and
/// falls back to bytes. The tokenizer.json is laid out as transformers' <c>convert_slow_tokenizer.py</c> does for Llama.
/// </summary>
internal static class SentencePieceTokenizer
{
    public const string Space = "▁";
    public const string ScoresKey = "tokenizer.ggml.scores";

    public static JsonObject Write(GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        foreach (var key in (string[])["tokenizer.ggml.remove_extra_whitespaces", "tokenizer.ggml.treat_whitespace_as_suffix"])
        {
            if (metadata.Flag(key) == true)
            {
                throw metadata.Bad(key, "is true, which is not supported.");
            }
        }

        if (metadata.Has("tokenizer.ggml.precompiled_charsmap"))
        {
            throw metadata.Bad("tokenizer.ggml.precompiled_charsmap", "is there; normalization tables are not supported.");
        }

        var addsSpace = metadata.Flag("tokenizer.ggml.add_space_prefix") ?? true;
        var unknown = GgufSpecialTokens.Find(metadata, "unknown");
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = unknown is { } id ? vocabulary.Tokens[id] : null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = true,
            ["byte_fallback"] = vocabulary.Kinds.Contains(GgufTokenKind.Byte),
            ["ignore_merges"] = false,
            ["vocab"] = GgufTokenizer.Vocabulary(vocabulary),
            ["merges"] = Merges(metadata, vocabulary),
        };
        return GgufTokenizer.Compose(
            metadata, vocabulary, model, (Normalizer(addsSpace), null, Decoder(addsSpace)), addsBosByDefault: true);
    }

    /// <summary>
    /// Every split of a token into two tokens is a merge; those of higher score come first, equal ones in the order of the
    /// ids of the whole, the left and the right token.
    /// </summary>
    private static JsonArray Merges(GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var scores = metadata.Numbers(ScoresKey) ?? throw metadata.Bad(ScoresKey, "is absent.");
        if (scores.Length != vocabulary.Tokens.Count)
        {
            throw metadata.Bad(ScoresKey, $"has {scores.Length} entries for {vocabulary.Tokens.Count} tokens.");
        }

        var ids = vocabulary.IdsBySpan;
        List<(int Whole, int Left, int Right)> merges = [];
        for (var whole = 0; whole < scores.Length; whole++)
        {
            if (vocabulary.Kinds[whole] is GgufTokenKind.Control or GgufTokenKind.Unknown or GgufTokenKind.Byte)
            {
                continue;
            }

            var token = vocabulary.Tokens[whole];
            for (var split = 1; split < token.Length; split++)
            {
                if (ids.TryGetValue(token.AsSpan(0, split), out var left) && ids.TryGetValue(token.AsSpan(split), out var right))
                {
                    merges.Add((whole, left, right));
                }
            }
        }

        return new JsonArray([
            .. merges
                .OrderByDescending(merge => scores[merge.Whole])
                .ThenBy(merge => merge.Whole)
                .ThenBy(merge => merge.Left)
                .ThenBy(merge => merge.Right)
                .Select(merge => new JsonArray(vocabulary.Tokens[merge.Left], vocabulary.Tokens[merge.Right])),
        ]);
    }

    /// <summary>The normalizer of a tokenizer.json: spaces become ▁, and one is put before a text.</summary>
    public static JsonObject Normalizer(bool addsSpace)
    {
        var replace = Replace(" ", Space);
        return addsSpace
            ? GgufTokenizer.Sequence("normalizers", new JsonObject { ["type"] = "Prepend", ["prepend"] = Space }, replace)
            : replace;
    }

    private static JsonObject Decoder(bool addsSpace)
    {
        var decoder = GgufTokenizer.Sequence(
            "decoders",
            Replace(Space, " "),
            new JsonObject { ["type"] = "ByteFallback" },
            new JsonObject { ["type"] = "Fuse" });
        if (addsSpace)
        {
            decoder["decoders"]!.AsArray().Add(
                (JsonNode)new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        }

        return decoder;
    }

    private static JsonObject Replace(string from, string to) => new()
    {
        ["type"] = "Replace",
        ["pattern"] = new JsonObject { ["String"] = from },
        ["content"] = to,
    };
}
