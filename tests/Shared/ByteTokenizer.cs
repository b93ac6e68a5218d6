using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>
/// A <c>tokenizer.json</c> with a token for every byte, no merges, and two special tokens: enough for a model that a
/// test can make in milliseconds.
/// </summary>
internal static class ByteTokenizer
{
    public const string TurnStart = "<|im_start|>";
    public const string TurnEnd = "<|im_end|>";

    /// <summary>Ids 0 to 255 are the bytes, then the special tokens.</summary>
    public const int VocabularySize = 258;

    /// <summary>A ChatML template: header with the role, content, <see cref="TurnEnd"/>, newline.</summary>
    public const string ChatTemplate =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    public static JsonObject Json()
    {
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++)
        {
            vocabulary[$"{Letter(value)}"] = value;
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(Special(256, TurnStart), Special(257, TurnEnd)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(),
            },
        };
    }

    public static JsonObject ConfigJson() => new()
    {
        ["tokenizer_class"] = "PreTrainedTokenizerFast",
        ["bos_token"] = TurnStart,
        ["eos_token"] = TurnEnd,
        ["chat_template"] = ChatTemplate,
    };

    public static JsonObject Special(int id, string content) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject ByteLevel() =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };

    /// <summary>
    /// The letter that byte-level vocabularies write for a byte: itself where it prints, the next free one from 256 on elsewhere.
    /// </summary>
    private static char Letter(int value)
    {
        static bool Prints(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        return (char)(Prints(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Prints(b)));
    }
}
