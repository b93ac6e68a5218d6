using Rebound.Cli.Machine;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;

namespace Rebound.Cli.Tests;

/// <summary>Words on the terminal: durations, and lines that are broken.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(9.94, "9.9 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.6, "1 min 0 s")]
    [InlineData(316, "5 min 16 s")]
    [InlineData(3599.7, "1 h 0 min")]
    [InlineData(7530, "2 h 5 min")]
    [InlineData(100000, "27 h 46 min")]
    public void Durations_have_one_form(double seconds, string text) => Assert.Equal(text, DurationText.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("Model     a b c d e f", "Model     a b c\n          d e f")]
    [InlineData("  name  aaaa bbbb cccc", "  name  aaaa\n        bbbb\n        cccc")]
    [InlineData("    one two three four", "    one two\n    three four")]
    [InlineData("one two three four", "one two three\nfour")]
    [InlineData("short", "short")]
    public void What_goes_on_stands_under_what_the_line_says(string line, string filled) => Assert.Equal(filled, LineFill.Filled(line, 15));

    [Fact]
    public void No_word_is_broken()
    {
        const string line = "Steps     48 steps of 8 documents each, 0.167 epochs of 287 steps: 219,161 tokens in 143 batches of "
            + "at most 1,913";

        for (var width = 20; width < line.Length; width++)
        {
            var rows = LineFill.Filled(line, width).Split('\n');
            Assert.Equal(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                rows.SelectMany(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            Assert.All(rows.Skip(1), row => Assert.StartsWith("          ", row));
            Assert.All(rows, row => Assert.True(row.Length <= width));
        }
    }

    [Theory]
    [InlineData(true, 143.7, "140 tokens/s")]
    [InlineData(true, 8.912, "8.9 tokens/s")]
    [InlineData(true, 0.377, "0.38 tokens/s")]
    [InlineData(true, 15234, "15,000 tokens/s")]
    [InlineData(false, 1, "needs 3.0 GiB")]
    public void An_ability_says_as_much_as_is_known(bool fits, double rate, string text) =>
        Assert.Equal(text, Ability.Of(3L << 30, fits ? 4L << 30 : 2L << 30, rate).ToString());
}
