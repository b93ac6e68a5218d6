using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("\u001b]52;c;ZXZpbA==\u0007", "␛]52;c;ZXZpbA==␇")]
    [InlineData("a\0b\bc\u007f", "a␀b␈c␡")]
    [InlineData("\u009b31m\u0085\u0090", "\\u009b31m\\u0085\\u0090")]
    [InlineData("one\r\ntwo\rthree\r", "one\ntwo␍three␍")]
    [InlineData("x\u202eabc\u2066\u200f", "x\\u202eabc\\u2066\\u200f")]
    [InlineData("a\u200bb\ufeffc\u2028d\u2029", "a\\u200bb\\ufeffc\\u2028d\\u2029")]
    [InlineData("a\U000E0041b", "a\\U000e0041b")]
    public void What_would_steer_a_terminal_or_hide_in_it_is_a_mark(string text, string shown)
    {
        Assert.Equal(shown, VisibleText.Of(text));
        Assert.Equal(shown, VisibleText.Of(shown));
    }

    [Theory]
    [InlineData("plain ASCII\n\twith tabs")]
    [InlineData("größer, 漢字, שלום, مرحبا, می‌خواهم")]
    [InlineData("👩‍👩‍👧 and ❤️ and 𝒜")]
    [InlineData("␛ as it is")]
    public void Text_of_any_language_is_the_same_object(string text) => Assert.Same(text, VisibleText.Of(text));

    [Fact]
    public void Every_control_character_is_marked_and_half_a_pair_too()
    {
        var controls = Enumerable.Range(0, 0xa0).Where(value =>
            value is < 0x20 or >= 0x7f).Select(value => (char)value).Except(['\n', '\t']);
        Assert.All(controls, control => Assert.DoesNotContain(VisibleText.Of($"a{control}b"), char.IsControl));
        Assert.Equal("a\\ud800b\\udc00", VisibleText.Of("a\ud800b\udc00"));
    }
}
