using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>Streams of OpenAI's chat protocol as real servers were reported to send them.</summary>
internal static class MisbehavingStream
{
    private static readonly string[] Pieces = ["Thought: easy.\n", "Action: fin", "ish[4]"];

    private static readonly string Overloaded = """{"error": {"message": "upstream overloaded", "code": 502}}""";

    public static string Of(string mode)
    {
        var events = Events(mode).Select(chunk => chunk.ToJsonString()).ToList();
        switch (mode)
        {
            case "miderr": events = [events[1], Overloaded]; break;
            case "firsterr": events = [Overloaded]; break;
            case "midchoice":
                events = [events[1],
                    """{"error": {"message": "upstream overloaded"}, "choices": [{"delta": {"content": ""}, "finish_reason":"""
                        + """ "error"}]}"""]; break;
            case "azurefirst":
                events.Insert(
                    0, """{"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": []}"""); break;
            case "emptyusage":
                events.Add(
                    """{"id": "x", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 5.0, "total_tokens": 10}}"""); break;
            case "nochoices": events = ["""{"id": "x", "choices": []}"""]; break;
            default: break;
        }

        var (end, mark) = (mode == "crlf" ? "\r\n\r\n" : "\n\n", mode == "nospace" ? "data:" : "data: ");
        var before = mode switch
        {
            "comment" => ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n",
            "ping" => "event: ping\ndata: {}\n\n",
            "bom" => "\uFEFF",
            "errevent" =>
                "event: error\ndata: {\"error\": {\"message\": \"upstream overloaded\"}, \"message\": \"upstream overloaded\"}\n\n",
            _ => "",
        };
        return before + string.Concat(events.Select(text => mark + text + end)) + (mode == "nodone" ? "" : $"{mark}[DONE]{end}");
    }

    private static List<JsonObject> Events(string mode)
    {
        if (Calls(mode) is { } calls)
        {
            return [Chunk(new JsonObject { ["role"] = "assistant", ["content"] = null }),
                .. calls.Select(call => Chunk(new JsonObject { ["tool_calls"] = JsonNode.Parse(call) })), Chunk([], "tool_calls")];
        }

        var events = Pieces.Select(piece => Chunk(new JsonObject { ["content"] = piece }))
            .Append(Chunk([], mode switch { "eos" => "eos_token", "length" => "length", _ => "stop" })).ToList();
        var first = new JsonObject { ["role"] = "assistant", ["content"] = "" };
        switch (mode)
        {
            case "reason": (first["reasoning_content"], events[0]["choices"]![0]!["delta"]!["reasoning"]) = ("I think", " 4."); break;
            case "reasonopen":
                events = [.. new[] { "I think", " 4.\n</th", "ink>\n\n" }.Select(piece => Chunk(new JsonObject { ["content"] = piece })),
                    .. events]; break;
            case "reasononly": (first["reasoning"], events) = ("I think 4.", [Chunk([], "stop")]); break;
            case "refusal":
                events = [Chunk(new JsonObject { ["refusal"] = "I cannot " }), Chunk(new JsonObject { ["refusal"] = "help." }),
                Chunk([], "stop")]; break;
            case "nulldelta": events[^1]["choices"]![0]!["delta"] = null; break;
            case "nodelta": ((JsonObject)events[^1]["choices"]![0]!).Remove("delta"); break;
            case "emptyfinish": events.SkipLast(1).ToList().ForEach(chunk => chunk["choices"]![0]!["finish_reason"] = ""); break;
            case "parts":
                events[0]["choices"]![0]!["delta"]!["content"] = JsonNode.Parse(
                    """[{"type": "text", "text": "Thought: easy.\n"}]"""); break;
            default: break;
        }

        foreach (var chunk in events)
        {
            switch (mode)
            {
                case "nullcreated": (chunk["created"], chunk["id"], chunk["model"]) = (null, null, null); break;
                case "nullusage": chunk["usage"] = null; break;
                case "nullfields":
                    foreach (var name in new[] { "tool_calls", "function_call", "reasoning_content", "refusal", "role" })
                    {
                        chunk["choices"]![0]!["delta"]![name] = null;
                    }

                    break;
                default: break;
            }
        }

        return [Chunk(first), .. events];
    }

    /// <summary>Pieces of two calls, calculate and search, as servers part them.</summary>
    private static string[]? Calls(string mode) => mode switch
    {
        "calls" =>
        [
            """[{"index": 0, "id": "c", "type": "function", "function": {"name": "calculate", "arguments": ""}}]""",
            """[{"index": 1, "id": "d", "type": "function", "function": {"name": "search", "arguments": "{\"que"}}]""",
            """[{"index": 0, "function": {"arguments": "{\"expression\": "}}]""",
            """[{"index": 1, "function": {"arguments": "ry\": \"é\"}"}}, {"index": 0, "function": {"arguments": "\"2+2\"}"}}]""",
        ],
        "calls-noindex" =>
        [
            """[{"id": null, "function": {"name": "calculate", "arguments": {"expression": "2+2"}}}]""",
            """[{"function": {"name": "search", "arguments": "{\"query\": "}}]""",
            """[{"function": {"arguments": "\"é\"}"}}]""",
        ],
        "calls-named" =>
        [
            """[{"index": 0, "id": "c", "function": {"name": "", "arguments": ""}}]""",
            """[{"index": 0, "function": {"name": "calculate", "arguments": "{\"expression\": "}}]""",
            """[{"index": 0, "function": {"name": "", "arguments": "\"2+2\"}"}}]""",
            """[{"index": 1, "id": "d", "function": {"name": "search", "arguments": "{\"query\": \"é\"}"}}]""",
        ],
        "calls-empty" =>
        [
            """[{"index": 0, "id": "c", "function": {"name": "look", "arguments": ""}}]""",
            """[{"index": 1, "id": "", "type": "function"}]""",
        ],
        "calls-sameindex" =>
        [
            """[{"index": 0, "id": "c", "function": {"name": "calculate", "arguments": "{\"expression\": \"2+2\"}"}}]""",
            """[{"index": 0, "id": "d", "function": {"name": "search", "arguments": "{\"query\": \"é\"}"}}]""",
        ],
        "calls-noid" =>
        [
            """[{"index": 0, "id": "", "function": {"name": "calculate", "arguments": "{\"expression\": \"2+2\"}"}}, {"index": 0, "id":"""
                + """ "", "function": {"name": "search", "arguments": "{\"query\": \"é\"}"}}]""",
        ],
        _ => null,
    };

    private static JsonObject Chunk(JsonObject delta, string? finish = null) => new()
    {
        ["id"] = "x",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
    };
}
