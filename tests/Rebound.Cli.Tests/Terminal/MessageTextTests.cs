using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class MessageTextTests
{
    [Fact]
    public void A_long_quote_is_cut_in_the_middle_and_what_is_around_it_stays()
    {
        var message = MessageText.Cut($"file.jsonl: row 3: 'role': '{new string('x', 5_000)}end' is no role; use user.");
        Assert.StartsWith("file.jsonl: row 3: 'role': 'xxxx", message);
        Assert.EndsWith("xend' is no role; use user.", message);
        Assert.Contains("characters more", message);
        Assert.InRange(message.Length, 100, 350);
    }

    [Fact]
    public void A_long_line_without_quotes_is_cut_and_others_stay()
    {
        var message = MessageText.Cut($"first\n{new string('{', 100_000)}\nlast 'short' and it's");
        Assert.StartsWith("first\n{", message);
        Assert.EndsWith("}\nlast 'short' and it's".Replace('}', '{'), message);
        Assert.InRange(message.Length, 1_000, 2_000);
    }

    [Fact]
    public void No_surrogate_pair_is_parted()
    {
        for (var before = 0; before < 4; before++)
        {
            var message = MessageText.Cut($"'{new string('a', before)}{string.Concat(Enumerable.Repeat("😀", 500))}'");
            Assert.Equal(message, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(message)));
        }
    }

    [Fact]
    public void Every_long_quotation_is_cut_and_short_ones_between_them_stay()
    {
        var (a, b) = (new string('a', 500), new string('b', 500));
        var cut = MessageText.Cut($"it's '{a}' and 'c' and '{b}', not '{new string('d', 199)}'");

        Assert.StartsWith("it's 'aaa", cut);
        Assert.Contains("(", cut);
        Assert.Contains("a' and 'c' and 'b", cut);
        Assert.EndsWith($"b', not '{new string('d', 199)}'", cut);
        Assert.Equal("'", MessageText.Cut("'"));
        Assert.True(MessageText.Cut($"'{new string('x', 2_000_000)}").Length < 2_000);
    }
}
