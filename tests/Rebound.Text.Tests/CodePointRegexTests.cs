using Rebound.Text.Patterns;
using Rebound.Text.PreTokenization;

namespace Rebound.Text.Tests;

public sealed class CodePointRegexTests
{
    [Theory]
    [InlineData(WordPattern.Gpt2)]
    [InlineData(WordPattern.Llama3)]
    [InlineData(WordPattern.Qwen2)]
    public void A_scanner_splits_as_its_pattern_does(string pattern)
    {
        var scanned = new SplitText();
        var searched = new SplitText();
        var scanner = new WordPreTokenizer(WordPattern.Find(pattern)!);
        var search = new SplitPreTokenizer(new CodePointRegex(pattern), SplitBehavior.Isolated, invert: false);
        foreach (var text in SampleTexts.Many(2000, seed: 11))
        {
            scanned.Reset(text, startsInput: true);
            scanner.Apply(scanned);
            searched.Reset(text, startsInput: true);
            search.Apply(searched);
            Assert.Equal(searched.Pieces.ToArray(), scanned.Pieces.ToArray());
        }
    }

    [Theory]
    [InlineData("a+b", "xaaab", 1, 5)]
    [InlineData("a+?", "xaaab", 1, 2)]
    [InlineData("a{2,3}", "xaaaab", 1, 4)]
    [InlineData("(ab){2}", "ababab", 0, 4)]
    [InlineData("(?:ab|a)c", "abac", 2, 4)]
    [InlineData("(?i:re)", "xRE", 1, 3)]
    [InlineData("(?i)s", "\u017F", 0, 1)]
    [InlineData("(?i:k)", "\u212A", 0, 1)]
    [InlineData("(?<=a)b", "bab", 2, 3)]
    [InlineData("(?<!a)b", "abb", 2, 3)]
    [InlineData(@"\d{1,3}(?=(?:\d{3})*\b)", "1234567", 0, 1)]
    [InlineData(@"[^\s\p{L}]", "ab\U00020000\U0001F600", 4, 6)]
    [InlineData(@"\p{L}+", "\U0001D518\U00020000", 0, 4)]
    [InlineData(@"[a-z&&[^aeiou]]+", "aexyz", 2, 5)]
    [InlineData(@"[\x{4e00}-\x{9fa5}]", "a\u4E2D", 1, 2)]
    [InlineData(@"\P{L}", "ab1", 2, 3)]
    [InlineData(@"\p{^L}", "ab1", 2, 3)]
    [InlineData(@"[\]\-x]+", "a]-x", 1, 4)]
    [InlineData("^b", "a\nb", 2, 3)]
    [InlineData("a$", "a\nb", 0, 1)]
    [InlineData(@"\Bb", "b ab", 3, 4)]
    [InlineData("(?>a+|b)c", "aac", 0, 3)]
    public void A_pattern_finds_its_leftmost_match(string pattern, string text, int start, int end)
    {
        Assert.True(new CodePointRegex(pattern).TryFind(text, 0, out var foundStart, out var foundEnd));
        Assert.Equal((start, end), (foundStart, foundEnd));
    }

    [Theory]
    [InlineData("a++a", "aaa")]
    [InlineData("(?>a+)a", "aaa")]
    [InlineData("a?+a", "a")]
    [InlineData("(?!a).", "a")]
    [InlineData(@".", "\n")]
    public void A_pattern_that_matches_nowhere_says_so(string pattern, string text) =>
        Assert.False(new CodePointRegex(pattern).TryFind(text, 0, out _, out _));

    [Theory]
    [InlineData("(a", "without its )")]
    [InlineData("a)", "unmatched )")]
    [InlineData("[a", "without its ]")]
    [InlineData(@"\p{Klingon}", "Klingon")]
    [InlineData(@"(a)\1", "back reference")]
    [InlineData("(?<name>a)", "not supported")]
    [InlineData("(?:a*)*", "unbounded repetition")]
    [InlineData("*a", "repetition of nothing")]
    [InlineData("a{2000}", "more than 1000")]
    [InlineData("(?<=a+)b", "no fixed length")]
    [InlineData("(?i:é)", "outside of ASCII")]
    [InlineData(@"\h", "escape that is not supported")]
    public void What_is_not_supported_is_an_error_by_name(string pattern, string part) =>
        Assert.Contains(part, Assert.Throws<TokenizerException>(() => new CodePointRegex(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_run_does_not_exhaust_the_stack()
    {
        var text = new string('a', 300_000) + "b";
        Assert.True(new CodePointRegex("(?:a|x)*b").TryFind(text, 0, out _, out var end));
        Assert.Equal(text.Length, end);
    }
}
