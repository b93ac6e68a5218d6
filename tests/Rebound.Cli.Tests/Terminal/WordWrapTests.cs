using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class WordWrapTests
{
    [Theory]
    [InlineData("one two three four", "one two\nthree four")]
    [InlineData("a\n\n  b", "a\n\n  b")]
    [InlineData("abcdefghijklmnopq r", "abcdefghij\nklmnopq r")]
    [InlineData("漢字漢字漢字漢字", "漢字漢字漢\n字漢字")]
    public void Text_breaks_between_words_however_it_arrives(string text, string expected)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var wrap = new WordWrap(() => 11);
            var written = string.Concat(text.Chunk(size).Select(chunk => wrap.Append(new string(chunk)))) + wrap.Flush();

            Assert.Equal(expected, string.Join('\n', written.Split('\n').Select(line => line.TrimEnd())));
            Assert.All(written.Split('\n'), line => Assert.InRange(CellWidth.Of(line), 0, 10));
        }
    }
}
