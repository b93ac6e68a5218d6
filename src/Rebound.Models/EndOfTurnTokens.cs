using Rebound.Text;

namespace Rebound.Models;

/// <summary>
/// Tokens that end a turn by their text, whatever a model's configuration says: converters and trainers often name one token as
/// its end where a turn ends with another. The texts are those that llama.cpp takes for an end of generation
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp).
/// </summary>
internal static class EndOfTurnTokens
{
    private const string EndOfMessage = "<|end|>";

    /// <summary>Texts that are nothing else, of whatever kind the token is.</summary>
    private static readonly string[] Certain =
    [
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", EndOfMessage, "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "<end_of_turn>",
        "<|endoftext|>", "<|end_of_text|>", "<end_of_utterance>", "<EOT>", "_<EOT>", "▁<EOT>", "[EOT]", "[EOS]", "<turn|>",
        "<|tool_response>", "<｜end▁of▁sentence｜>",
    ];

    /// <summary>Texts that may be markup too; they count where the token is a special one.</summary>
    private static readonly string[] IfSpecial = ["</s>", "<eos>"];

    /// <summary>
    /// Where a turn ends with one of the first, and another of the second is there, <see cref="EndOfMessage"/> ends a part of it.
    /// </summary>
    private static readonly (string[] Ends, string[] Calls) ManyMessages = (["<|return|>", "<|flush|>"], ["<|call|>", "<|calls|>"]);

    /// <summary>Their ids in a vocabulary.</summary>
    public static IEnumerable<int> Of(Tokenizer tokenizer)
    {
        var special = tokenizer.AddedTokens.Where(token => token.Special).Select(token => token.Content).ToHashSet();
        var hasMessages = ManyMessages.Ends.Any(Has) && ManyMessages.Calls.Any(Has);
        foreach (var text in Certain.Where(text => text != EndOfMessage || !hasMessages).Concat(IfSpecial.Where(special.Contains)))
        {
            if (tokenizer.TryGetId(text, out var id))
            {
                yield return id;
            }
        }

        bool Has(string text) => tokenizer.TryGetId(text, out _);
    }
}
