using System.Net;
using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>Answers of a server that speaks OpenAI's chat protocol.</summary>
internal static class ChatServer
{
    /// <summary>The messages of a request.</summary>
    public static async Task<JsonNode> ReadAsync(HttpListenerContext context) => (await JsonNode.ParseAsync(context.Request.InputStream))!;

    /// <summary>Answers with a native call of a tool.</summary>
    public static Task Call(HttpListenerContext context, string name, string arguments) => Answer(
        context,
        new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["tool_calls"] = new JsonArray(new JsonObject
            {
                ["id"] = $"id_{name}",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
            }),
        },
        "tool_calls");

    /// <summary>Answers with an assistant's turn.</summary>
    public static Task Say(HttpListenerContext context, string text) =>
        Answer(context, new JsonObject { ["role"] = "assistant", ["content"] = text }, "stop");

    private static Task Answer(HttpListenerContext context, JsonObject message, string finish) =>
        LocalServer.Say(context, 200, new JsonObject
        {
            ["id"] = "chat-1",
            ["object"] = "chat.completion",
            ["created"] = 1_700_000_000,
            ["model"] = "test",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = message,
                ["finish_reason"] = finish,
            }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 10, ["total_tokens"] = 110 },
        }.ToJsonString());

    /// <summary>Answers with an assistant's turn in pieces, as server-sent events.</summary>
    public static Task Stream(HttpListenerContext context, params string[] pieces)
    {
        var events = pieces.Select(piece => new JsonObject { ["content"] = piece }).Append([]).Select((delta, number) => new JsonObject
        {
            ["id"] = "chat-1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1_700_000_000,
            ["model"] = "test",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["delta"] = delta,
                ["finish_reason"] = number == pieces.Length ? "stop" : null,
            }),
        });
        var usage = new JsonObject
        {
            ["id"] = "chat-1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1_700_000_000,
            ["model"] = "test",
            ["choices"] = new JsonArray(),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 10, ["total_tokens"] = 110 },
        };
        return LocalServer.Say(
            context, 200,
            string.Concat(events.Append(usage).Select(chunk => $"data: {chunk.ToJsonString()}\n\n")) + "data: [DONE]\n\n",
            "text/event-stream");
    }
}
