using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// GGUF's tokenizer model <c>gpt2</c>: byte-level BPE with merges. How texts are split before it, GGUF only names
/// (<see cref="GgufSplits"/>).
/// </summary>
internal static class ByteLevelTokenizer
{
    public const string SplitKey = "tokenizer.ggml.pre";
    public const string MergesKey = "tokenizer.ggml.merges";

    public static JsonObject Write(GgufMetadata metadata, GgufVocabulary vocabulary)
    {
        var name = metadata.RequiredText(SplitKey);
        var split = GgufSplits.Find(name)
            ?? throw metadata.Bad(SplitKey, $"is '{name}', a way to split texts that is not known here; read are {GgufSplits.Names}.");
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = split.IgnoresMerges,
            ["vocab"] = GgufTokenizer.Vocabulary(vocabulary),
            ["merges"] = Merges(metadata, vocabulary),
        };
        var decoder = GgufSplits.ByteLevel(addsPrefixSpace: true, splits: true);
        return GgufTokenizer.Compose(metadata, vocabulary, model, (split.Normalizer, split.PreTokenizer, decoder), split.AddsBos);
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
}
