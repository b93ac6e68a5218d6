using System.Text.Json;
using Rebound.Text.Json;

namespace Rebound.Text.Tests;

public sealed class JsonProblemTests
{
    [Theory]
    [InlineData("", "line 1: there is nothing")]
    [InlineData("{\n\"a\": [1\n", "line 3: it ends within an object or a list")]
    [InlineData("{\n\"a\": \"wor", "line 2: it ends within a value")]
    [InlineData("{\n\n\"a\": nonsense}", "line 3: ")]
    [InlineData("{\"a\": [1,\n\"\\ud800\"]}", "line 2, 'a[1]': it holds half of a surrogate pair")]
    public void What_is_wrong_is_told_with_its_line_and_without_the_readers_terms(string json, string expected)
    {
        var problem = JsonProblem.Of(Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement(json)));

        Assert.StartsWith(expected, problem);
        Assert.DoesNotContain("BytePosition", problem);
        Assert.DoesNotContain("isFinalBlock", problem);
    }
}
