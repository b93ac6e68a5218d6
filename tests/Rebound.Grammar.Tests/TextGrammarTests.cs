using System.Text;
using System.Text.RegularExpressions;

namespace Rebound.Grammar.Tests;

/// <summary>Regular expressions and lists as automata of plain text, and .NET's word on them.</summary>
public sealed class TextGrammarTests
{
    private const string Changes = "ab01 .-éü\"\\\nyzd";

    public static TheoryData<string> Patterns =>
    [
        "", "yes|no|maybe", "[A-Z]{2}-\\d{4}", "^\\d+(\\.\\d{1,2})?$", "(?=.*\\d)[a-z0-9]{3,8}", "(?!ab)[ab]{2,4}",
        "\\w+@\\w+\\.(com|org)\\n", "^(a|^b)c$|d*$", "é[à-ü]+|\"\\\\\\n\"", "(red|green)( and (red|green))*", "a.b|[^a]?", "(ab?){2,}c*?",
    ];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_pattern_takes_the_texts_that_it_matches_as_a_whole(string pattern)
    {
        var grammar = TextGrammar.OfPattern(pattern);
        var oracle = new Regex($@"\A(?:{pattern})\z", RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
        var random = new Random(7);
        for (var walk = 0; walk < 100; walk++)
        {
            var text = Encoding.UTF8.GetString(DocumentWalk.Of(grammar, random, escapes: true));
            Assert.Matches(oracle, text);

            var place = random.Next(text.Length + 1);
            var rest = text[Math.Min(text.Length, place + random.Next(2))..];
            var changed = text[..place] + (random.Next(3) == 0 ? "" : Changes[random.Next(Changes.Length)]) + rest;
            Assert.True(oracle.IsMatch(changed) == grammar.Accepts(Encoding.UTF8.GetBytes(changed)), changed);
        }
    }

    [Fact]
    public void A_list_takes_its_texts_and_no_others()
    {
        string[] choices = ["yes", "yes, \"but\"", "né\n", "no\\", "", .. Enumerable.Range(0, 900).Select(i => $"option {i}")];
        var grammar = TextGrammar.OfChoices(choices);

        Assert.All(choices, choice => Assert.True(grammar.Accepts(Encoding.UTF8.GetBytes(choice))));
        Assert.All(["ye", "yes,", "no", "no\\\\", "option", "option 900"], other => Assert.False(grammar.Accepts(Encoding.UTF8.GetBytes(other))));
    }

    [Theory]
    [InlineData("(a", "The pattern (a has a group without its end.")]
    [InlineData("a(?=b)c", "look-ahead in the midst")]
    [InlineData("\\bword", "words' ends")]
    [InlineData("[^\\s\\S]", "No text matches the pattern")]
    [InlineData("(a|b)*a(a|b){200}", "states")]
    public void A_pattern_that_cannot_be_held_to_is_refused_by_name(string pattern, string words)
    {
        var problem = Assert.Throws<GrammarException>(() => TextGrammar.OfPattern(pattern));

        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Schema", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_are_bounded_and_a_small_stack_is_enough()
    {
        Assert.Contains("may have 5000", Refusal(() => TextGrammar.OfPattern(new string('a', 5001))));
        Assert.Contains("There are 0 choices", Refusal(() => TextGrammar.OfChoices([])));
        Assert.Contains("1 to 1000", Refusal(() => TextGrammar.OfChoices([.. Enumerable.Range(0, 1001).Select(i => $"{i}")])));
        Assert.Contains("50001 characters", Refusal(() => TextGrammar.OfChoices([new string('a', 50_001)])));
        foreach (var part in new[] { "a?", "(a|b)*", "\\p{L}?" })
        {
            Exception? problem = null;
            var pattern = string.Concat(Enumerable.Repeat(part, 4900 / part.Length));
            var thread = new Thread(() => problem = Record.Exception(() => TextGrammar.OfPattern(pattern)), 1 << 20);
            thread.Start();
            thread.Join();
            Assert.True(problem is null or GrammarException, $"{problem}");
        }

        var longest = new Thread(() => Assert.True(TextGrammar.OfChoices([new string('a', 50_000)]).Accepts(new byte[50_000].Select(_ => (byte)'a').ToArray())), 1 << 20);
        longest.Start();
        longest.Join();
    }

    private static string Refusal(Action compile) => Assert.Throws<GrammarException>(compile).Message;
}
