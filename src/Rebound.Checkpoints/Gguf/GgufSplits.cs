using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>How texts are split before byte-level BPE, and what goes with it.</summary>
/// <param name="PreTokenizer">As in a tokenizer.json.</param>
/// <param name="Normalizer">As in a tokenizer.json; null for none.</param>
/// <param name="IgnoresMerges">Whether a piece that is a token is taken as it is, whatever its merges give.</param>
/// <param name="AddsBos">Whether a text begins with BOS where the file does not say.</param>
internal sealed record GgufSplit(JsonObject PreTokenizer, JsonObject? Normalizer = null, bool IgnoresMerges = false, bool AddsBos = false);

/// <summary>
/// The splits that GGUF files name (<c>tokenizer.ggml.pre</c>), for every name that llama.cpp has for one of them
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp).
/// </summary>
internal static class GgufSplits
{
    /// <summary>Llama 3's split; Qwen's is the same but for one digit at a time.</summary>
    private const string LlamaPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly (string[] Names, Func<GgufSplit> Make)[] All =
    [
        (["gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "gigachat", "a.x-4.0", "mellum", "exaone4", "jina-es",
            "jina-de", "jina-v2-es", "jina-v2-de", "modern-bert"],
            () => new(Words())),
        (["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"], () => new(Sequence(Digits(), Words()))),
        (["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"],
            () => new(Pattern(LlamaPattern), IgnoresMerges: true, AddsBos: true)),
        (["smaug-bpe", "dbrx", "glm4", "chatglm-bpe"], () => new(Pattern(LlamaPattern))),

        // Qwen's own tokenizer.json composes characters first, and so do those made after it.
        (["qwen2", "megrez", "stablelm2", "f2llmv2"], () => new(Pattern(QwenPattern), new JsonObject { ["type"] = "NFC" })),
        (["deepseek-r1-qwen", "kormo", "hunyuan", "solar-open", "grok-2"], () => new(Pattern(QwenPattern))),
    ];

    /// <summary>Every name that is read, for messages.</summary>
    public static string Names => string.Join(", ", All.SelectMany(group => group.Names));

    /// <summary>The split of a name; null for one that is not known.</summary>
    public static GgufSplit? Find(string name) => Array.Find(All, group => group.Names.Contains(name)).Make?.Invoke();

    /// <summary>The name of the split that a tokenizer.json has; null where GGUF has none for it.</summary>
    public static string? NameOf(JsonObject tokenizer)
    {
        var (steps, normalizer) = (GgufSplitNames.Steps(tokenizer["pre_tokenizer"]), GgufSplitNames.Steps(tokenizer["normalizer"]));
        var ignoresMerges = tokenizer["model"]?["ignore_merges"]?.GetValue<bool>() ?? false;
        return Array.Find(All, group => group.Make() is var split
            && split.IgnoresMerges == ignoresMerges
            && GgufSplitNames.Steps(split.PreTokenizer) == steps
            && GgufSplitNames.Steps(split.Normalizer) == normalizer).Names?[0];
    }

    /// <summary>A step of byte-level BPE; GPT-2's split where it splits words.</summary>
    public static JsonObject ByteLevel(bool addsPrefixSpace, bool splits) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addsPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = splits,
    };

    private static JsonObject Words() => ByteLevel(addsPrefixSpace: false, splits: true);

    private static JsonObject Digits() => new() { ["type"] = "Digits", ["individual_digits"] = true };

    private static JsonObject Pattern(string pattern) => Sequence(
        new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        },
        ByteLevel(addsPrefixSpace: false, splits: false));

    private static JsonObject Sequence(params JsonNode[] parts) => GgufTokenizer.Sequence("pretokenizers", parts);
}
