using Rebound.Files.Messages;

namespace Rebound.Files.Tests;

public sealed class TextExcerptTests
{
    private const string Face = "\U0001F600";
    private const string Family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";

    [Theory]
    [InlineData("", 0, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abc", 2, "ab…")]
    [InlineData("abc", 0, "…")]
    [InlineData("a" + Face + "b", 2, "a…")]
    [InlineData("a" + Face + "b", 3, "a" + Face + "…")]
    [InlineData("be\u0301e\u0301", 4, "be\u0301…")]
    [InlineData("be\u0301e\u0301", 2, "b…")]
    [InlineData("a" + Family + "b", 8, "a…")]
    [InlineData("a" + Family + "b", 9, "a" + Family + "…")]
    [InlineData("a\r\nb", 2, "a…")]
    public void A_beginning_parts_no_character(string text, int longest, string expected) =>
        Assert.Equal(expected, TextExcerpt.Beginning(text, longest));

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abc", 2, "…bc")]
    [InlineData("abc", 0, "…")]
    [InlineData("a" + Face + "b", 2, "…b")]
    [InlineData("a" + Face + "b", 3, "…" + Face + "b")]
    public void An_end_parts_no_surrogate_pair(string text, int longest, string expected) =>
        Assert.Equal(expected, TextExcerpt.Ending(text, longest));

    [Fact]
    public void A_character_that_is_longer_than_the_room_is_cut_between_code_points()
    {
        Assert.Equal("e\u0301\u0301\u0301\u0301…", TextExcerpt.Beginning($"e{new string('\u0301', 100)}", 5));
        Assert.Equal("\U0001F468\u200D…", TextExcerpt.Beginning(Family, 4));
        Assert.Equal("…", TextExcerpt.Beginning(Face, 1));
    }

    [Fact]
    public void Halves_of_pairs_that_stand_alone_are_no_obstacle()
    {
        Assert.Equal("\uDE00\uD83D…", TextExcerpt.Beginning("\uDE00\uD83D\uD83Dx", 2));
        Assert.Equal("…\uDE00x", TextExcerpt.Ending("\uDE00\uDE00x", 2));
    }
}
