using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Messages;

namespace Rebound.Files.Tests;

public sealed class StrictJsonDepthTests
{
    [Fact]
    public void What_is_read_can_be_handed_on_at_any_depth_that_is_read()
    {
        const int levels = Nesting.Deepest;
        var json = $"{string.Concat(Enumerable.Repeat("[", levels))}{string.Concat(Enumerable.Repeat("]", levels))}";

        Assert.Equal(json, JsonSerializer.SerializeToElement(StrictJson.ParseNode(json), StrictJson.ForSerializer).GetRawText());
        Assert.Equal(
            $$"""{"a":[{{json}}]}""",
            new JsonObject { ["a"] = new JsonArray(StrictJson.ParseNode(json)) }.ToJsonString(JsonOutput.OneLine));
        Assert.NotEmpty(StrictJson.ParseNode(json)!.ToJsonString(JsonOutput.Indented));
        Assert.ThrowsAny<JsonException>(() => StrictJson.ParseElement($"[{json}]"));
    }
}
