using System.Text.Json.Nodes;

namespace Rebound.Traces.Tests;

/// <summary>The conversation that all conventions tell here: a question, a call of a tool, its reply, and an answer.</summary>
internal static class Conversation
{
    public static void AssertWeather(JsonObject row)
    {
        var messages = row["messages"]!.AsArray();
        Assert.Equal(["system", "user", "assistant", "tool", "assistant"], messages.Select(message => (string?)message!["role"]));
        Assert.Equal("You tell the weather.", (string?)messages[0]!["content"]);
        Assert.Equal("What is it like in Rome?", (string?)messages[1]!["content"]);
        var call = Assert.Single(messages[2]!["tool_calls"]!.AsArray())!;
        Assert.Equal(("call_1", "function", "weather"), ((string?)call["id"], (string?)call["type"], (string?)call["function"]!["name"]));
        Assert.True(JsonNode.DeepEquals(new JsonObject { ["city"] = "Rome" }, JsonNode.Parse((string)call["function"]!["arguments"]!)));
        Assert.Equal("call_1", (string?)messages[3]!["tool_call_id"]);
        Assert.Equal("Rome: sun, 21", (string?)messages[3]!["content"]);
        Assert.Equal("Sunny, 21 degrees.", (string?)messages[4]!["content"]);
    }
}
