using System.Net;
using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Trajectories;

namespace Rebound.Gateway.Tests;

/// <summary>Messages, and the answers of an upstream.</summary>
internal static class Talk
{
    public static JsonObject User(string text) => new() { ["role"] = "user", ["content"] = text };

    public static JsonObject System(string text) => new() { ["role"] = "system", ["content"] = text };

    public static JsonObject Assistant(string text) => new() { ["role"] = "assistant", ["content"] = text };

    public static JsonObject Tool(string id, string text) => new() { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = text };

    public static JsonObject Calls(params (string Id, string Name, string Arguments)[] calls) => new()
    {
        ["role"] = "assistant",
        ["content"] = null,
        ["tool_calls"] = new JsonArray([.. calls.Select(call => new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
        })]),
    };

    public static JsonArray Of(params JsonObject[] messages) => new([.. messages.Select(message => message.DeepClone())]);

    /// <summary>A whole answer.</summary>
    public static JsonObject Whole(string id, params JsonObject[] messages) => new()
    {
        ["id"] = id,
        ["object"] = "chat.completion",
        ["created"] = 1_700_000_000,
        ["model"] = "upstream-model",
        ["choices"] = new JsonArray([.. messages.Select((message, index) => new JsonObject
        {
            ["index"] = index,
            ["message"] = message.DeepClone(),
            ["finish_reason"] = message["tool_calls"] is null ? "stop" : "tool_calls",
        })]),
    };

    /// <summary>Answers when the whole request has been read: what was left of it would be taken for the next one's beginning.</summary>
    public static async Task AnswerAsync(HttpListenerContext context, string id, params JsonObject[] messages)
    {
        await context.Request.InputStream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        await LocalServer.Say(context, 200, Whole(id, messages).ToJsonString());
    }

    /// <summary>An event of a streamed answer.</summary>
    public static string Event(string id, JsonObject delta, string? finish = null, int index = 0) => "data: " + new JsonObject
    {
        ["id"] = id,
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = "upstream-model",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = index, ["delta"] = delta.DeepClone(), ["finish_reason"] = finish }),
    }.ToJsonString() + "\n\n";

    /// <inheritdoc cref="AnswerAsync"/>
    public static async Task StreamAsync(HttpListenerContext context, string events)
    {
        await context.Request.InputStream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        await LocalServer.Say(context, 200, events, "text/event-stream");
    }

    /// <summary>A trajectory's turns, each as its role, what it says and the tools it calls.</summary>
    public static string[] Turns(Trajectory trajectory) => [.. trajectory.Turns.Select(turn =>
        $"{turn.Role}: {turn.Content}{string.Concat(turn.ToolCalls.Select(call => $"[{call.Id} {call.Name} {call.Arguments}]"))}")];
}
