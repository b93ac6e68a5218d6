using System.Text.Json.Nodes;

namespace Rebound.Models.Checkpoints;

/// <summary>
/// GGUF's tokenizer model <c>gpt2</c>: byte-level BPE with merges. How texts are split before it, GGUF only names
/// (<c>tokenizer.ggml.pre</c>); the splits are those of the tokenizer.json of the models it names.
/// </summary>
internal static class ByteLevelTokenizer
{
    private const string SplitKey = "tokenizer.ggml.pre";
    private const string MergesKey = "tokenizer.ggml.merges";

    /// <summary>Llama 3's split; Qwen's is the same but for one digit at a time.</summary>
    private const string LlamaPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static JsonObject Write(GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var split = metadata.RequiredText(SplitKey);
        var isLlama = split == "llama-bpe";
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = isLlama,
            ["vocab"] = GgufTokenizer.Vocabulary(vocabulary),
            ["merges"] = Merges(metadata, vocabulary),
        };
        var (normalizer, preTokenizer) = split switch
        {
            "smollm" => (null, GgufTokenizer.Sequence(
                "pretokenizers",
                new JsonObject { ["type"] = "Digits", ["individual_digits"] = true },
                ByteLevel(addPrefixSpace: false, useRegex: true))),
            "llama-bpe" => (null, Split(LlamaPattern)),
            "qwen2" => ((JsonObject?)new JsonObject { ["type"] = "NFC" }, Split(QwenPattern)),
            _ => throw metadata.Bad(SplitKey, $"is '{split}'; read are smollm, llama-bpe and qwen2."),
        };
        var decoder = ByteLevel(addPrefixSpace: true, useRegex: true);
        return GgufTokenizer.Compose(metadata, vocabulary, model, (normalizer, preTokenizer, decoder), isLlama);
    }

    private static JsonArray Merges(GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var merges = metadata.Texts(MergesKey) ?? throw metadata.Bad(MergesKey, "is absent.");
        var ids = vocabulary.IdsBySpan;
        foreach (var merge in merges)
        {
            var space = merge.IndexOf(' ');
            if (space <= 0 || !ids.ContainsKey(merge.AsSpan(0, space)) || !ids.ContainsKey(merge.AsSpan(space + 1)))
            {
                throw metadata.Bad(MergesKey, $"holds '{merge}', which is not two tokens and a space between them.");
            }

            if (!vocabulary.Ids.ContainsKey(merge.Remove(space, 1)))
            {
                throw metadata.Bad(MergesKey, $"holds '{merge}', which gives no token of the vocabulary.");
            }
        }

        return new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]);
    }

    private static JsonObject Split(string pattern) => GgufTokenizer.Sequence(
        "pretokenizers",
        new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        },
        ByteLevel(addPrefixSpace: false, useRegex: false));

    private static JsonObject ByteLevel(bool addPrefixSpace, bool useRegex) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = useRegex,
    };
}
