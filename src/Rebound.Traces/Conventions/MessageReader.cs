using System.Text;
using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;
using Rebound.Trajectories;

namespace Rebound.Traces.Conventions;

/// <summary>
/// Reads messages of any convention as OpenAI's: with parts (GenAI's conventions, the Vercel AI SDK, Anthropic) or with contents and
/// <c>tool_calls</c> (OpenAI). A message with several replies of tools becomes as many.
/// </summary>
internal static class MessageReader
{
    private const string Role = "role";
    private const string Content = "content";
    private const string ToolCalls = "tool_calls";
    private const string ToolCallId = "tool_call_id";
    private const string Name = "name";

    /// <summary>Messages of a list, or of its JSON text; null where it is none.</summary>
    /// <exception cref="FormatException">A message cannot be learned from.</exception>
    public static IReadOnlyList<JsonObject>? Read(JsonNode? list) =>
        TraceValues.List(list) is { } messages ? [.. messages.SelectMany(message => ReadOne(message))] : null;

    /// <param name="role">For a message that does not say its own.</param>
    public static IEnumerable<JsonObject> ReadOne(JsonNode? node, string role = Roles.Assistant)
    {
        if (node is not JsonObject message)
        {
            throw new FormatException("a message is no object");
        }

        role = Roles.Find(TraceValues.Text(message[Role]) ?? role) ?? throw new FormatException(
            $"a message has the role '{TraceValues.AsText(message[Role])}'");
        var (text, reasoning) = (new StringBuilder(), new StringBuilder());
        var (calls, replies) = (new JsonArray(), new List<JsonObject>());
        var content = message["parts"] ?? message[Content];
        if (role == Roles.Tool && !(content is JsonArray { Count: > 0 } list && list.All(part => IsReply(part))))
        {
            yield return Reply(First(message, ToolCallId, "id", "toolCallId", "tool_use_id"), TraceValues.Text(message[Name]), content);
            yield break;
        }

        foreach (var part in content is null ? [] : content as JsonArray ?? [content.DeepClone()])
        {
            Take(part, text, reasoning, calls, replies);
        }

        foreach (var call in message[ToolCalls] as JsonArray ?? [])
        {
            calls.Add(Call(call));
        }

        foreach (var reply in replies)
        {
            yield return reply;
        }

        if (text.Length > 0 || calls.Count > 0 || (replies.Count == 0 && role != Roles.Tool))
        {
            yield return Message(role, text.ToString(), reasoning.ToString(), calls);
        }
    }

    public static JsonObject Message(string role, string text, string reasoning = "", JsonArray? calls = null)
    {
        var message = new JsonObject { [Role] = role, [Content] = text };
        if (reasoning.Length > 0)
        {
            message[Turn.ReasoningMember] = reasoning;
        }

        if (calls is { Count: > 0 })
        {
            message[ToolCalls] = calls;
        }

        return message;
    }

    /// <summary>A call of a tool in any of the forms in which it is written, as OpenAI's.</summary>
    public static JsonObject Call(JsonNode? node)
    {
        var call = node as JsonObject ?? throw new FormatException("a call of a tool is no object");
        var function = call["function"] as JsonObject ?? call;
        var name = First(function, Name, "toolName", "tool_name") ?? throw new FormatException("a call of a tool has no name");
        var arguments = function["arguments"] ?? function["args"] ?? function["input"] ?? function["parameters"];
        var written = new JsonObject();
        if (First(call, "id", "toolCallId", "call_id", "tool_call_id") is { } id)
        {
            written["id"] = id;
        }

        written["type"] = "function";
        written["function"] = new JsonObject { [Name] = name, ["arguments"] = arguments is null ? "{}" : TraceValues.AsText(arguments) };
        return written;
    }

    public static JsonObject Reply(string? callId, string? name, JsonNode? content)
    {
        var reply = new JsonObject { [Role] = Roles.Tool };
        if (callId is not null)
        {
            reply[ToolCallId] = callId;
        }

        if (name is not null)
        {
            reply[Name] = name;
        }

        reply[Content] = ReplyText(content);
        return reply;
    }

    private static void Take(JsonNode? part, StringBuilder text, StringBuilder reasoning, JsonArray calls, List<JsonObject> replies)
    {
        if (part is not JsonObject members)
        {
            text.Append(TraceValues.Text(part) ?? throw new FormatException("a message's text is no text"));
            return;
        }

        switch (TypeOf(members))
        {
            case "text" or "input_text" or "output_text":
                text.Append(First(members, Content, "text"));
                break;
            case "reasoning" or "thinking" or "redacted_thinking":
                reasoning.Append(First(members, Content, "text", "thinking"));
                break;
            case "tool_call" or "function_call" or "tool-call" or "tool_use":
                calls.Add(Call(members));
                break;
            case "tool_call_response" or "tool-result" or "tool_result" or "function_call_output":
                replies.Add(Reply(
                    First(members, "id", "toolCallId", "tool_use_id", "call_id"), First(members, "toolName", Name),
                    members["response"] ?? members["result"] ?? members["output"] ?? members[Content]));
                break;
            case var type:
                throw new FormatException($"a message has a part of the type '{type}'");
        }
    }

    private static bool IsReply(JsonNode? part) =>
        part is JsonObject members && TypeOf(members) is "tool_call_response" or "tool-result" or "tool_result" or "function_call_output";

    private static string TypeOf(JsonObject part) =>
        TraceValues.Text(part["type"]) ?? (part["text"] is null && part[Content] is null ? "" : "text");

    /// <summary>A reply's text; of a list of texts their contents, and of a value that says its type the value.</summary>
    private static string ReplyText(JsonNode? content) => content switch
    {
        JsonObject value when value.Count == 2 && value["type"] is not null && value.ContainsKey("value") =>
            TraceValues.AsText(value["value"]),
        JsonArray parts when parts.Count > 0 && parts.All(part => part is JsonObject members && TypeOf(members) == "text") =>
            string.Concat(parts.Select(part => First((JsonObject)part!, Content, "text"))),
        _ => TraceValues.AsText(content),
    };

    private static string? First(JsonObject members, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (TraceValues.Text(members[name]) is { } text)
            {
                return text;
            }
        }

        return null;
    }
}
