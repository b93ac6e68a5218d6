using Rebound.Text;

namespace Rebound.Checkpoints.Gguf;

/// <summary>Texts by which a tokenizer that was written is compared with the one it came from.</summary>
internal static class TokenizerProof
{
    private static readonly string[] Plain =
    [
        "The quick brown fox jumps over the lazy dog.",
        "  Leading, trailing  and   inner spaces\t\ttabs \n\n lines\r\n",
        "In 2024, 1234567 + 89 = 1,234,656; 3.14159e-10 and 0x1F!",
        "I'm sure they'll say it's what we'd've done: isn't it? HE'S HERE",
        "for (int i = 0; i < n; i++) { a[i] *= b[i] ?? \"x\"; } // ok\n\treturn _name_2;",
        "Ünïcödé naïve café Zürich ﬁ ½ ², e\u0301tude and é",
        "Привет, мир! 你好，世界。 こんにちは 안녕하세요 مرحبا بالعالم नमस्ते สวัสดี",
        "😀 👩‍👩‍👧‍👦 🏳️‍🌈 ∑∫√∞ → ≠ ▁ Ġ <0x0A> [PAD1]",
        "Thought: I should look it up.\nAction: search(\"Ada Lovelace\")\nObservation: 1815–1852",
        "",
    ];

    /// <summary>The plain texts, and every added token by itself and among words.</summary>
    private static IEnumerable<string> Texts(Tokenizer tokenizer) => Plain.Concat(
        tokenizer.AddedTokens.SelectMany(
            token => new[] { token.Content, $"one {token.Content} two{token.Content}\nthree {token.Content}" }));

    /// <summary>The first text that two tokenizers give different ids; null where they give the same to all.</summary>
    public static string? Difference(Tokenizer expected, Tokenizer actual) => Texts(expected).FirstOrDefault(
        text => !actual.Encode(text, addSpecialTokens: true).AsSpan().SequenceEqual(expected.Encode(text, addSpecialTokens: true)));
}
