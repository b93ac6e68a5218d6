using System.Text.Json.Nodes;
using Rebound.Text.Loading;
using Rebound.Text.Normalization;
using Rebound.Text.PreTokenization;

namespace Rebound.Text.Tests;

/// <summary>Metaspace's scheme "first": it prepends where a piece's first character comes from the input's first.</summary>
public sealed class InputStartTests
{
    [Theory]
    [InlineData("""{"type":"NFD"}""", "éa", "▁e\u0301a")]
    [InlineData("""{"type":"NFC"}""", "e\u0301a", "▁éa")]
    [InlineData("""{"type":"Lowercase"}""", "İa", "▁i\u0307a")]
    [InlineData("""{"type":"StripAccents"}""", "\u0301a", "a")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", " a ", "a")]
    [InlineData("""{"type":"Strip","strip_left":false,"strip_right":true}""", "a ", "▁a")]
    [InlineData("""{"type":"Replace","pattern":{"String":"ab"},"content":"c"}""", "abb", "cb")]
    [InlineData("""{"type":"Replace","pattern":{"String":"a"},"content":"cc"}""", "ab", "▁ccb")]
    [InlineData("""{"type":"Replace","pattern":{"String":"a"},"content":""}""", "ab", "b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"^"},"content":"c"}""", "ab", "▁cab")]
    [InlineData("""{"type":"Replace","pattern":{"String":"b"},"content":"c"}""", "ab", "▁ac")]
    [InlineData("""{"type":"Prepend","prepend":"x"}""", "ab", "▁xab")]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"Strip","strip_left":true,"strip_right":false},{"type":"Prepend","prepend":"x"}]}""",
        " ab", "xab")]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"Strip","strip_left":false,"strip_right":true},{"type":"Lowercase"}]}""", " ", "")]
    public void After_a_normalizer(string normalizer, string text, string pieces) =>
        Assert.Equal(pieces, Pieces(normalizer, Metaspace("first"), text));

    [Theory]
    [InlineData("Isolated", "b", "▁a|b")]
    [InlineData("Isolated", "a", "▁a|b")]
    [InlineData("Removed", "a", "b")]
    [InlineData("Removed", "b", "▁a")]
    public void After_a_split(string behavior, string pattern, string pieces) =>
        Assert.Equal(pieces, Pieces(null, Sequence(Split(pattern, behavior), Metaspace("first")), "ab"));

    [Theory]
    [InlineData("always", " a b", "▁a|▁b")]
    [InlineData("always", "a  b", "▁a|▁|▁b")]
    [InlineData("first", "a b", "▁a|▁b")]
    [InlineData("never", "a b", "a|▁b")]
    public void Spaces_begin_words_under_every_scheme(string scheme, string text, string pieces) =>
        Assert.Equal(pieces, Pieces(null, Metaspace(scheme), text));

    [Fact]
    public void Two_of_them_one_after_the_other_see_what_the_first_put_in_front() => Assert.Equal(
        "▁|▁a|▁|b", Pieces(null, Sequence(Metaspace("first"), Split("▁", "Isolated"), Metaspace("first")), "a b"));

    [Fact]
    public void A_space_that_ByteLevel_puts_in_front_stands_for_the_first_character() => Assert.Equal(
        "▁|▁a",
        Pieces(null,
            Sequence("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":false}""", Split(" ", "Isolated"), Metaspace("first")),
            "a"));

    private static string Metaspace(string scheme) =>
        $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":true}""";

    private static string Split(string text, string behavior) =>
        $$"""{"type":"Split","pattern":{"String":"{{text}}"},"behavior":"{{behavior}}","invert":false}""";

    private static string Sequence(params string[] stages) => $$"""{"type":"Sequence","pretokenizers":[{{string.Join(',', stages)}}]}""";

    private static string Pieces(string? normalizer, string preTokenizer, string text)
    {
        var head = InputStart.Of(text);
        var normalized = normalizer is null ? text : Normalizer.Read(Fields(normalizer)).Normalize(text, ref head);
        var split = new SplitText();
        split.Reset(normalized, head);
        PreTokenizer.Read(Fields(preTokenizer)).Apply(split);
        return string.Join('|', split.Pieces.ToArray().Select(piece => split[piece].ToString()));
    }

    private static JsonFields Fields(string json) => new(JsonNode.Parse(json), "component");
}
