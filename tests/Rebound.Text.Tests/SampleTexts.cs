using System.Text;

namespace Rebound.Text.Tests;

/// <summary>Random texts of what is hard for a tokenizer: scripts, white space, digits, marks, emoji, controls, special tokens.</summary>
internal static class SampleTexts
{
    private static readonly string[] Fragments =
    [
        "'s", "'S", "'\u017F", "'ll", "'Re", "'VE", "'d", "'x", "don't", " ", "  ", "   ", "\n", "\r\n", "\r", "\t", " \n", "\u00A0",
        "\u2003", "\u3000", "\u2028", "\u0085", "abc", "Hello", " the", "K\u212A", "1", "123", "12345678", "\u0663\u0664", "\u00BD",
        "\u2167", "\U0001D7D9", "\U0001F9D1\U0001F3FD\u200D\U0001F4BB", "e\u0301", "a\u0307\u0323", "\u1100\u1161\u11A8", "\uAC00\u11A8",
        "\u0958", "\uFB01", "\u212B", "\u4E2D\u6587", "\u0E44\u0E17\u0E22", "\u05E2\u05D1", "\U00020000\U00020001", "\U0001D518",
        "\uFEFF", "\u200D", "\0", "\u001B[0m", "\uFFFD", "\uE000", "\U0010FFFF", "<s>", "</s>", "<|im_end|>", "<|im_", "<<3*4=12>>", "!!!",
        "...", "(a)", "__init__", "$5", "\u2581", "\u2581a", "\u0120", "<0x0A>", "AAAAAAA", "ababab",
    ];

    public static IEnumerable<string> Many(int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return One(random);
        }
    }

    private static string One(Random random)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 30); parts > 0; parts--)
        {
            var kind = random.Next(10);
            var fragment = kind < 8 ? Fragments[random.Next(Fragments.Length)] : RandomRune(random).ToString();
            text.Insert(text.Length, fragment, kind == 7 ? random.Next(1, 90) : 1);
        }

        return text.ToString();
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            var bits = random.Next(5, 21);
            if (Rune.TryCreate(random.Next(1 << bits), out var rune))
            {
                return rune;
            }
        }
    }
}
