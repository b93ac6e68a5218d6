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
            scanned.Reset(text, head: 1);
            scanner.Apply(scanned);
            searched.Reset(text, head: 1);
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
        Assert.True(Find(pattern, text, out var foundStart, out var foundEnd));
        Assert.Equal((start, end), (foundStart, foundEnd));
    }

    [Theory]
    [InlineData("a++a", "aaa")]
    [InlineData("(?>a+)a", "aaa")]
    [InlineData("a?+a", "a")]
    [InlineData("(?!a).", "a")]
    [InlineData(@".", "\n")]
    public void A_pattern_that_matches_nowhere_says_so(string pattern, string text) =>
        Assert.False(Find(pattern, text, out _, out _));

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
        Assert.True(Find("(?:a|x)*b", text, out _, out var end));
        Assert.Equal(text.Length, end);
    }

    [Fact]
    public void Nesting_is_bounded_wherever_patterns_nest()
    {
        string[] deep =
        [
            Repeated("(", 30_000) + "a" + Repeated(")", 30_000),
            Repeated("(?:a", 30_000) + Repeated(")*", 30_000),
            Repeated("(?=", 30_000) + "a" + Repeated(")", 30_000),
            Repeated("(?>", 30_000) + "a" + Repeated(")", 30_000),
            Repeated("(?i)", 30_000) + "a",
            Repeated("[", 30_000) + "a" + Repeated("]", 30_000),
            Repeated("[^", 30_000) + "a" + Repeated("]", 30_000),
            "a" + Repeated("{1}", 30_000),
            "a" + Repeated("?", 30_001),
            Repeated("(", 30_000),
        ];
        foreach (var pattern in deep)
        {
            var message = Assert.Throws<TokenizerException>(() => new CodePointRegex(pattern)).Message;
            Assert.EndsWith("nests more than 200 deep.", message, StringComparison.Ordinal);
            Assert.InRange(message.Length, 0, 300);
        }

        Assert.True(Find(Repeated("(", 190) + "a" + Repeated(")", 190), "ba", out var start, out _));
        Assert.Equal(1, start);
    }

    [Fact]
    public void What_is_long_without_nesting_is_read()
    {
        var letters = string.Concat(Enumerable.Range(0x4E00, 20_000).Select(c => (char)c));
        Assert.True(Find($"[{letters}]+", "a" + letters, out var start, out var end));
        Assert.Equal((1, 20_001), (start, end));
        Assert.True(Find(letters, letters, out _, out end));
        Assert.Equal(20_000, end);
        Assert.True(Find(string.Join('|', letters.AsEnumerable()), letters[^1..], out _, out end));
        Assert.Equal(1, end);
        Assert.True(Find($"[{Repeated(@"\w&&", 5_000)}a]", "ba", out start, out _));
        Assert.Equal(1, start);
    }

    [Theory]
    [InlineData("(?:){1000}")]
    [InlineData("(?:a?){1000}")]
    [InlineData("(?:(?=a){1000}a){1000}")]
    [InlineData("(?:a|b){1000}")]
    public void Counted_repetitions_that_multiply_are_refused(string pattern) => Assert.Contains(
        "multiply to more than",
        Assert.Throws<TokenizerException>(() => new CodePointRegex($"(?:(?:{pattern}){{1000}}){{1000}}")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("(x+x+)+y", 'x', 40, null)]
    [InlineData("(x+x+)+y", 'x', 20_000, null)]
    [InlineData("(?:a|aa)+$", 'a', 60, "b")]
    [InlineData("(?:a|aa)+$", 'a', 20_000, "b")]
    [InlineData("(?=(?:a+)+b)a", 'a', 5_000, null)]
    [InlineData("(?:a+?a+?)+?b", 'a', 5_000, null)]
    [InlineData("(?:a{1,20}a{1,20})+b", 'a', 2_000, null)]
    [InlineData("(?>(?:a|aa)+b)", 'a', 2_000, null)]
    [InlineData("a*+b", 'a', 20_000, null)]
    [InlineData("(?:(?:a*b?)?c?a+)+d", 'a', 2_000, null)]
    [InlineData("(?<!ab)(?:a|aa)+b", 'a', 5_000, null)]
    public void What_would_backtrack_without_end_is_decided(string pattern, char unit, int count, string? end) =>
        Assert.Empty(Matches(pattern, new string(unit, count) + end, remembersAtOnce: false));

    [Fact]
    public void Optional_letters_before_as_many_required_ones_match() => Assert.Equal(
        [(0, 30)], Matches(Repeated("a?", 30) + Repeated("a", 30), new string('a', 30), remembersAtOnce: false));

    [Fact]
    public void Looks_that_hold_everywhere_take_time_in_proportion_to_the_text()
    {
        var digits = new string('1', 60_000);
        Assert.Equal(20_000, Matches(@"\d{1,3}(?=(?:\d{3})*$)", digits, remembersAtOnce: false).Count);
        Assert.Equal(60_000, Matches(@"\d(?=\d*$)", digits, remembersAtOnce: false).Count);
    }

    [Fact]
    public void What_takes_too_many_steps_in_spite_of_memory_is_refused_in_a_sentence()
    {
        var message = Assert.Throws<TokenizerException>(() => Matches("(?>a+)b", new string('a', 30_000), remembersAtOnce: false)).Message;
        Assert.Contains("takes too many steps on a text of 30000 characters", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_changes_no_match()
    {
        var random = new Random(5);
        for (var i = 0; i < 4000; i++)
        {
            var pattern = RandomPattern(random, depth: 3);
            var text = string.Concat(
                Enumerable.Range(0, random.Next(0, 14)).Select(_ =>
                    random.Next(12) == 0 ? "\U00010000" : ((char)('a' + random.Next(3))).ToString()));
            List<(int Start, int End)> expected;
            try
            {
                expected = Matches(pattern, text, remembersAtOnce: false);
            }
            catch (TokenizerException e) when (e.Message.Contains("unbounded repetition", StringComparison.Ordinal)
                || e.Message.Contains("no fixed length", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.True(expected.SequenceEqual(Matches(pattern, text, remembersAtOnce: true)), $"{pattern} on {text}");
        }
    }

    private static string RandomPattern(Random random, int depth)
    {
        var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomAtom(random, depth) + RandomCount(random));
        return random.Next(3) == 0 && depth > 0 ? string.Concat(parts) + "|" + RandomPattern(random, depth - 1) : string.Concat(parts);
    }

    private static string RandomAtom(Random random, int depth) => random.Next(depth == 0 ? 5 : 10) switch
    {
        0 or 1 => ((char)('a' + random.Next(3))).ToString(),
        2 => "[ab]",
        3 => "[^a]",
        4 => random.Next(2) == 0 ? "$" : @"\b",
        5 => $"(?={RandomPattern(random, depth - 1)})",
        6 => $"(?!{RandomPattern(random, depth - 1)})",
        7 => $"(?>{RandomPattern(random, depth - 1)})",
        8 => $"(?<={(char)('a' + random.Next(3))})",
        _ => $"({RandomPattern(random, depth - 1)})",
    };

    private static string RandomCount(Random random) => random.Next(12) switch
    {
        0 => "*",
        1 => "+",
        2 => "?",
        3 => "*?",
        4 => "+?",
        5 => "??",
        6 => "++",
        7 => "{1,2}",
        8 => "{2}",
        _ => "",
    };

    private static string Repeated(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static bool Find(string pattern, string text, out int start, out int end)
    {
        var search = new PatternSearch();
        return new CodePointRegex(pattern).TryFind(text, ref search, out start, out end);
    }

    private static List<(int Start, int End)> Matches(string pattern, string text, bool remembersAtOnce)
    {
        var matches = new List<(int, int)>();
        var search = new PatternSearch();
        for (var regex = new CodePointRegex(pattern, remembersAtOnce); regex.TryFindNext(text, ref search, out var start, out var end);)
        {
            matches.Add((start, end));
        }

        return matches;
    }
}
