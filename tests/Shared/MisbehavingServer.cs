using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>A server of OpenAI's chat protocol that answers as real ones were reported to: the model's name chooses how.</summary>
internal sealed class MisbehavingServer : IAsyncDisposable
{
    /// <summary>What it answers where it behaves.</summary>
    public const string Good = "Thought: easy.\nAction: finish[4]";

    private readonly LocalServer _server;
    private readonly Dictionary<string, int> _asked = [];
    private readonly List<JsonObject> _requests = [];

    public MisbehavingServer() => _server = new LocalServer((_, context) => AnswerAsync(context));

    public Uri Address => _server.Address;

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyList<JsonObject> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = (JsonObject)await ChatServer.ReadAsync(context);
        var mode = (string)request["model"]!;
        int times;
        lock (_requests)
        {
            _requests.Add(request);
            times = _asked[mode] = _asked.GetValueOrDefault(mode) + 1;
        }

        if (Refusal(mode, times, request, context.Response.Headers) is var (status, refusal))
        {
            await LocalServer.Say(context, status, refusal, refusal.StartsWith('<') ? "text/html" : "application/json");
            return;
        }

        if ((bool?)request["stream"] == true)
        {
            var kind = mode switch { "json" => "application/json", "ctype" => "text/plain", _ => "text/event-stream" };
            await LocalServer.Say(context, 200, mode == "json" ? Whole("plain").ToJsonString() : MisbehavingStream.Of(mode), kind);
            return;
        }

        await LocalServer.Say(context, 200, Text(mode, times), mode is "sse" or "ssepieces" ? "text/event-stream" : "application/json");
    }

    private static (int Status, string Body)? Refusal(string mode, int times, JsonObject request, WebHeaderCollection headers)
    {
        bool Has(string name) => request.ContainsKey(name);
        static string Error(string message) => new JsonObject { ["error"] = new JsonObject { ["message"] = message } }.ToJsonString();
        switch (mode)
        {
            case "429s" or "429date" or "429ms" when times == 1:
                (headers[mode == "429ms" ? "retry-after-ms" : "Retry-After"]) = mode switch
                {
                    "429s" => "0.3",
                    "429ms" => "300",
                    _ => DateTimeOffset.UtcNow.AddSeconds(2).ToString("R", CultureInfo.InvariantCulture),
                };
                return (429, Error("slow down"));
            case "429long" when times == 1:
                headers["Retry-After"] = "7200";
                return (429, Error("slow down"));
            case "400max" when Has("max_completion_tokens"):
                return (400, Error("Unrecognized request argument supplied: max_completion_tokens"));
            case "400oldmax" when Has("max_tokens"):
                return (400,
                    Error("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."));
            case "400stop" when Has("stop"): return (400, Error("Unsupported parameter: 'stop' is not supported with this model."));
            case "400temp" when Has("temperature"): return (400, Error("Unsupported value: 'temperature' does not support 0.2"));
            case "400param" when Has("seed"): return (400, """{"error": {"message": "Bad value.", "param": "seed"}}""");
            case "422extra" when Has("max_tokens") || Has("seed"):
                var name = Has("seed") ? "seed" : "max_tokens";
                return (422,
                    $$$"""{"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "{{{name}}}"], "msg":"""
                        + $$$""" "Extra inputs are not permitted"}]}}""");
            case "400parallel" when Has("parallel_tool_calls"):
                return (400, """{"detail": "parallel_tool_calls is not supported by this backend"}""");
            case "400filter":
                return (400,
                    """{"error": {"message": "The response was filtered.", "code": "content_filter", "innererror": {"code":"""
                        + """ "ResponsibleAIPolicyViolation"}}}""");
            case "403flagged":
                return (403,
                    """{"error": {"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["violence"],"""
                        + """ "flagged_input": "q"}}}""");
            case "400big":
                return (400,
                    """{"error": {"message": "max_tokens is too large: 64. This model supports at most 16.", "param": "max_tokens"}}""");
            case "400ctx":
                return (400,
                    """{"error": {"message": "This model's maximum context length is 16 tokens, max_tokens not allowed.", "code":"""
                        + """ "context_length_exceeded"}}""");
            case "404": return (404, """{"error": "model 'x' not found, try pulling it first"}""");
            case "400detail": return (400, """{"detail": [{"loc": ["body", "messages"], "msg": "field required"}]}""");
            case "400errors":
                return (400, """{"title": "One or more validation errors occurred.", "errors": {"Model": ["the model is bad"]}}""");
            case "400list": return (400, """{"errors": ["first is wrong", {"message": "second is wrong"}]}""");
            case "400message": return (400, """{"object": "error", "message": "just a message", "code": 400}""");
            case "400nested":
                return (400,
                    """{"object": "error", "message": "{\"detail\": [{\"loc\": [\"body\", \"messages\", 0], \"msg\": \"too deep\"}]}"}""");
            case "400plain": return (400, "plain words\n  of a proxy");
            case "400html": return (400, "<html><head><title>Bad gateway words</title></head><body>x</body></html>");
            case "400empty": return (400, "");
            case "429quota": return (429, Error("You exceeded your current quota, please check your plan and billing details."));
            case "500ctx": return (500, Error("Context size has been exceeded."));
            case "503": return (503, Error("Loading model"));
            case "500then" when times < 3: return (500, Error("CUDA OOM"));
            default: return null;
        }
    }

    private static JsonObject Whole(string mode, JsonObject? message = null, string finish = "stop") => new()
    {
        ["id"] = "x",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message ?? Message(mode), ["finish_reason"] = finish }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 5, ["completion_tokens"] = 5, ["total_tokens"] = 10 },
    };

    private static JsonObject Message(string mode)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = Good };
        if (mode is "null" or "reasoning" or "refusal" or "toolcalls" or "odd-calls")
        {
            message["content"] = null;
        }

        switch (mode)
        {
            case "norole": message.Remove("role"); break;
            case "nullrole": message["role"] = null; break;
            case "empty" or "filter": message["content"] = ""; break;
            case "parts":
                message["content"] = JsonNode.Parse(
                    """[{"type": "thinking", "thinking": [{"type": "text", "text": "I think 4."}]}, {"type": "text", "text": "Thought:"""
                        + """ easy."}, "\nAction: finish[4]"]"""); break;
            case "reasoning" or "reasoning_ok": message["reasoning_content"] = "I think 4."; break;
            case "reasoning_open": message["content"] = $"I think 4.\n</think>\n\n{Good}"; break;
            case "reasoning_vllm": (message["reasoning"], message["reasoning_content"]) = ("I think 4.", null); break;
            case "reasoning_twice":
                (message["reasoning"], message["reasoning_details"]) = ("I think 4.",
                JsonNode.Parse("""[{"type": "reasoning.text", "text": "I think 4."}]""")); break;
            case "refusal": message["refusal"] = "I cannot help with that."; break;
            case "length": message["content"] = "Thought: this goes on and"; break;
            case "toolcalls":
                message["tool_calls"] = JsonNode.Parse(
                    """[{"id": "c", "type": "function", "function": {"name": "calculate", "arguments": "{\"expression\": \"2+2\"}"}}, """
                        + """{"id": "d", "type": "function", "function": {"name": "search", "arguments": "{\"query\": \"é\"}"}}]""");
                break;
            case "odd-calls":
                message["tool_calls"] = JsonNode.Parse(
                    """[{"function": {"name": "calculate", "arguments": {"expression": "2+2"}}}, {"id": null, "index": 0, "function": """
                        + """{"name": "search", "arguments": null}}, {"id": "", "name": "finish", "arguments": "{}"}]""");
                break;
            case "nulls":
                foreach (var name in new[] { "tool_calls", "function_call", "refusal", "audio", "annotations", "reasoning_content" })
                {
                    message[name] = null;
                }

                break;
            default: break;
        }

        return message;
    }

    private static string Text(string mode, int times)
    {
        var answer = Whole(mode);
        var choice = (JsonObject)answer["choices"]![0]!;
        switch (mode)
        {
            case "nochoices" or "nochoices-once" when times == 1 || mode == "nochoices": answer["choices"] = new JsonArray(); break;
            case "nullchoices": answer["choices"] = null; break;
            case "badfinish": choice["finish_reason"] = "eos"; break;
            case "nullfinish": choice["finish_reason"] = null; break;
            case "emptyfinish": choice["finish_reason"] = ""; break;
            case "numberfinish": choice["finish_reason"] = 7; break;
            case "nofinish": choice.Remove("finish_reason"); break;
            case "length": choice["finish_reason"] = "length"; break;
            case "filter": choice["finish_reason"] = "content_filter"; break;
            case "odd-calls": choice["finish_reason"] = null; break;
            case "toolcalls": choice["finish_reason"] = "tool_calls"; break;
            case "nousage": answer.Remove("usage"); break;
            case "nullusage": answer["usage"] = null; break;
            case "badusage": answer["usage"] = "many"; break;
            case "floatusage":
                answer["usage"] = JsonNode.Parse("""{"prompt_tokens": 5.0, "completion_tokens": "5", "total_tokens": null}"""); break;
            case "floatcreated": answer["created"] = 1700000000.123; break;
            case "strcreated": answer["created"] = "1700000000"; break;
            case "endlesscreated": answer["created"] = 1e300; break;
            case "nullid": (answer["id"], answer["created"], answer["model"]) = (null, null, null); break;
            case "logprobs": choice["logprobs"] = JsonNode.Parse("""{"content": null}"""); break;
            case "unknown":
                (answer["zzz"], choice["zzz"], choice["message"]!["zzz"], answer["usage"]!["zzz"]) = (1, "z",
                JsonNode.Parse("[{}]"), new JsonObject()); break;
            case "bare":
                return new JsonObject
                {
                    ["choices"] = new JsonArray(new JsonObject { ["message"] = new JsonObject { ["content"] = Good } }),
                }.ToJsonString();
            case "err200": return """{"error": {"message": "model is loading", "code": 503}}""";
            case "nopath": return """{"error": "Unexpected endpoint or method. (POST /chat/completions)"}""";
            case "err200text": return """{"error": "no slot is free"}""";
            case "errchoice":
                return """{"choices": [{"message": {"content": ""}, "finish_reason": "error", "error": {"code": 502, "message": "provider"""
                    + """ is down"}}]}""";
            case "text": return "hello";
            case "html": return "<html>502 Bad Gateway</html>";
            case "bom": return "\uFEFF" + answer.ToJsonString();
            case "trail": return answer.ToJsonString() + "\n\n";
            case "sse": return $"data: {answer.ToJsonString()}\n\ndata: [DONE]\n\n";
            case "ssepieces": return MisbehavingStream.Of("plain");
            default: break;
        }

        return answer.ToJsonString();
    }
}
