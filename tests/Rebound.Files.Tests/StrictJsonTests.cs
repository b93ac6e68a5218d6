using System.Text;
using System.Text.Json;
using Rebound.Files.Json;
using Rebound.Files.Messages;

namespace Rebound.Files.Tests;

/// <summary>What the one reader of JSON takes, and what it says of the rest.</summary>
public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a": {"b": ["x", "\ud800"]}}""", "a.b[1]")]
    [InlineData("""{"a": [[], [{"b": "\udc00\ud800"}]]}""", "a[1][0].b")]
    [InlineData("""{"a": {"\uD800": 1}}""", "a")]
    [InlineData("""{"\ud83d": 1}""", null)]
    [InlineData("""["\ud83dx"]""", "[0]")]
    [InlineData("\"\\ud800\"", null)]
    public void Half_of_a_surrogate_pair_is_refused_with_its_member(string json, string? member)
    {
        var error = Assert.Throws<StrictJsonException>(() => StrictJson.ParseElement(json, DuplicateNames.LastCounts));
        Assert.Equal(member, error.Path);
        Assert.Equal("it holds half of a surrogate pair, which is no text", JsonProblem.Sentence(error));
    }

    [Fact]
    public void Pairs_and_escaped_backslashes_are_texts() =>
        Assert.Equal(
            ["😀", "\\ud800", "�"],
            StrictJson.ParseElement("""["\ud83d\uDE00", "\\ud800", "\ufffd"]""").EnumerateArray().Select(text => text.GetString()));

    [Theory]
    [InlineData("{\"a\": {\n\"b\": \"§\"}}", "line 2, 'a.b': it holds bytes that are not UTF-8")]
    [InlineData("[1, {\"§\": 1}]", "line 1, '[1]': it holds bytes that are not UTF-8")]
    [InlineData("[§]", "line 1: '0xFF' is an invalid start of a value")]
    public void Bytes_that_are_not_UTF_8_are_refused_with_their_place(string template, string problem)
    {
        byte[] json = [.. Encoding.Latin1.GetBytes(template).Select(value => value == (byte)'§' ? (byte)0xFF : value)];
        Assert.Equal(problem, JsonProblem.Of(Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement(json))));
    }

    [Fact]
    public void A_text_with_half_of_a_pair_is_refused() =>
        Assert.StartsWith(
            "line 2: it holds half", JsonProblem.Of(Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement("[\n\"\ud800\"]"))));

    [Fact]
    public void UTF_16_is_named_and_a_byte_order_mark_left_out()
    {
        Assert.Equal(
            "it is UTF-16, and UTF-8 is needed",
            JsonProblem.Of(
                Assert.ThrowsAny<JsonException>(() =>
                    StrictJson.ParseElement([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("[]")]))));
        Assert.Equal(JsonValueKind.Array, StrictJson.ParseElement([.. Encoding.UTF8.Preamble, .. "[]"u8]).ValueKind);
    }

    [Theory]
    [InlineData("""{"a": 1, "b": 2, "a": 3}""", "line 1: the name 'a' is there twice")]
    [InlineData("{\"a\": [{}, {\"x\": 1,\n\"\\u0078\": 1}]}", "line 2, 'a[1]': the name 'x' is there twice")]
    public void A_name_that_is_there_twice_is_refused_with_its_place(string json, string problem) =>
        Assert.Equal(problem, JsonProblem.Of(Assert.Throws<StrictJsonException>(() => StrictJson.ParseNode(json))));

    [Theory]
    [InlineData("""{"a": 1, "b": 2, "a": 3}""", """{"a":3,"b":2}""")]
    [InlineData("""[{"a": {"x": [1.50, "é\n"], "x": [1.50, "é\n"]}, "a": {"x": 1e400, "x": null}}]""", """[{"a":{"x":null}}]""")]
    [InlineData("""{"a": {"b": 1}, "\u0061": -0.0}""", """{"a":-0.0}""")]
    public void Or_its_last_value_counts_in_the_place_of_the_first(string json, string expected)
    {
        Assert.Equal(expected, StrictJson.ParseElement(json, DuplicateNames.LastCounts).GetRawText());
        Assert.Equal(expected, StrictJson.ParseNode(Encoding.UTF8.GetBytes(json), DuplicateNames.LastCounts)!.ToJsonString());
    }

    [Theory]
    [InlineData("[", "]", "")]
    [InlineData("{\"a\":", "}", "1")]
    [InlineData("{\"a\":1,\"a\":", "}", "1")]
    public void Nesting_has_one_bound(string open, string close, string inner)
    {
        string Nested(int levels) =>
            string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));
        StrictJson.ParseElement(Nested(Nesting.Deepest), DuplicateNames.LastCounts);
        foreach (var levels in new[] { Nesting.Deepest + 1, 100_000 })
        {
            var error = Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement(Nested(levels), DuplicateNames.LastCounts));
            Assert.Equal($"it {Nesting.TooDeep}", JsonProblem.Sentence(error));
        }
    }

    /// <summary>A call that an agent wrote wrongly is no JSON, whatever its texts are.</summary>
    [Fact]
    public void What_is_no_JSON_is_no_JSON_first() =>
        Assert.IsNotType<StrictJsonException>(Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement("""{"a": "\ud800", oops}""")));
}
