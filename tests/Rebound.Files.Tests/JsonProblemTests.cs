using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Files.Tests;

public sealed class JsonProblemTests
{
    [Theory]
    [InlineData("", "line 1: there is nothing")]
    [InlineData("{\n\"a\": [1\n", "line 3: it ends within an object or a list")]
    [InlineData("{\n\"a\": \"wor", "line 2: it ends within a value")]
    [InlineData("{\n\n\"a\": nonsense}", "line 3: ")]
    [InlineData("[true,\n'n\u0019' said they]", "line 2: ")]
    [InlineData("{\"a\":\nnil}", "line 2: it holds a word other than true, false and null")]
    [InlineData("{\"a\": [1,\n\"\\ud800\"]}", "line 2, 'a[1]': it holds half of a surrogate pair")]
    public void What_is_wrong_is_told_with_its_line_and_without_the_readers_terms(string json, string expected)
    {
        var problem = JsonProblem.Of(Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement(json)));

        Assert.StartsWith(expected, problem);
        Assert.DoesNotContain("BytePosition", problem);
        Assert.DoesNotContain("isFinalBlock", problem);
    }

    [Theory]
    [InlineData("""{"step": "seven", "names": []}""", "'step' is not a whole number that can be used")]
    [InlineData("""{"step": 1e99, "names": []}""", "'step' is not a whole number that can be used")]
    [InlineData("""{"step": 7, "names": ["a", 1]}""", "'names[1]' is not a text")]
    [InlineData("""{"step": 7, "names": {}}""", "'names' is not what is read there")]
    [InlineData("""{"names": []}""", "it lacks 'step'")]
    [InlineData("{}", "it lacks 'step', 'names'")]
    [InlineData("[]", "it is not what is read there")]
    public void A_value_of_another_type_is_told_by_its_member(string json, string expected) => Assert.Equal(
        expected, JsonProblem.Sentence(Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Form>(json))));

    private sealed record Form
    {
        [System.Text.Json.Serialization.JsonPropertyName("step")]
        public required int Step { get; init; }

        [System.Text.Json.Serialization.JsonPropertyName("names")]
        public required string[] Names { get; init; }
    }
}
