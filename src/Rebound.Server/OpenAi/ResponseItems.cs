using System.Text;
using System.Text.Json.Nodes;
using Rebound.Server.Http;
using Rebound.Trajectories;

namespace Rebound.Server.OpenAi;

/// <summary>The items of a response while it is written: reasoning, messages and calls, of which the last one may be open.</summary>
internal sealed class ResponseItems
{
    public const string Completed = "completed";

    private readonly StringBuilder _text = new();
    private JsonObject? _open;
    private bool _isReasoning;
    private bool _isCall;

    /// <summary>The items so far.</summary>
    public JsonArray Output { get; } = [];

    /// <summary>Adds what a token brought.</summary>
    /// <param name="tell">Is told of events, by name and members; null for nobody.</param>
    public void Add(Action<string, JsonObject>? tell, string reasoning, string text, IReadOnlyList<CallDelta> calls)
    {
        if (reasoning.Length > 0)
        {
            Open(tell, isReasoning: true);
            Say(tell, "response.reasoning_text.delta", reasoning);
        }

        if (text.Length > 0)
        {
            Open(tell, isReasoning: false);
            Say(tell, "response.output_text.delta", text);
        }

        foreach (var call in calls)
        {
            if (call.Name is not null)
            {
                Close(tell, null);
                Open(tell, call);
            }

            _text.Append(call.Arguments);
            if (call.Arguments.Length > 0)
            {
                tell?.Invoke("response.function_call_arguments.delta", Of(_open!, new JsonObject { ["delta"] = call.Arguments }));
            }
        }
    }

    /// <summary>Nothing more comes. An answer that says nothing is an empty message.</summary>
    /// <param name="logprobs">Of the last message; null for none.</param>
    /// <param name="status">Of the last item: <c>completed</c>, or <c>incomplete</c> where the answer was cut off within it.</param>
    public void End(Action<string, JsonObject>? tell, JsonArray? logprobs, string status)
    {
        if (Output.Count == 0)
        {
            Open(tell, isReasoning: false);
        }

        Close(tell, logprobs, status);
    }

    private void Open(Action<string, JsonObject>? tell, bool isReasoning)
    {
        if (_open is not null && !_isCall && _isReasoning == isReasoning)
        {
            return;
        }

        Close(tell, null);
        (_isReasoning, _isCall) = (isReasoning, false);
        _open = isReasoning
            ? new JsonObject
            {
                ["id"] = Ids.New("rs_"),
                ["type"] = "reasoning",
                ["summary"] = new JsonArray(),
                ["content"] = new JsonArray(),
            }
            : new JsonObject
            {
                ["id"] = Ids.New("msg_"),
                ["type"] = "message",
                ["status"] = "in_progress",
                ["role"] = Roles.Assistant,
                ["content"] = new JsonArray(),
            };
        Output.Add((JsonNode)_open);
        tell?.Invoke("response.output_item.added", Item(_open));
        tell?.Invoke("response.content_part.added", Place(new JsonObject { ["part"] = Part("", null) }));
    }

    private void Say(Action<string, JsonObject>? tell, string kind, string text)
    {
        _text.Append(text);
        tell?.Invoke(kind, Place(WithLogprobs(new JsonObject { ["delta"] = text })));
    }

    private void Close(Action<string, JsonObject>? tell, JsonArray? logprobs, string status = Completed)
    {
        if (_open is not { } item)
        {
            return;
        }

        var text = _text.ToString();
        _text.Clear();
        if (_isCall)
        {
            tell?.Invoke(
                "response.function_call_arguments.done",
                Of(item, new JsonObject { ["name"] = (string?)item["name"], ["arguments"] = text }));
            item["arguments"] = text;
            item["status"] = status;
            tell?.Invoke("response.output_item.done", Item(item));
            _open = null;
            return;
        }

        tell?.Invoke(
            _isReasoning ? "response.reasoning_text.done" : "response.output_text.done",
            Place(WithLogprobs(new JsonObject { ["text"] = text })));
        tell?.Invoke("response.content_part.done", Place(new JsonObject { ["part"] = Part(text, null) }));
        item["content"]!.AsArray().Add((JsonNode)Part(text, logprobs));
        item["status"] = status;
        tell?.Invoke("response.output_item.done", Item(item));
        _open = null;
    }

    private void Open(Action<string, JsonObject>? tell, CallDelta call)
    {
        _isCall = true;
        _open = new JsonObject
        {
            ["id"] = Ids.New("fc_"),
            ["type"] = "function_call",
            ["status"] = "in_progress",
            ["call_id"] = call.Id,
            ["name"] = call.Name,
            ["arguments"] = "",
        };
        Output.Add((JsonNode)_open);
        tell?.Invoke("response.output_item.added", Item(_open));
    }

    private JsonObject Part(string text, JsonArray? logprobs) => _isReasoning
        ? new JsonObject { ["type"] = "reasoning_text", ["text"] = text }
        : new JsonObject { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = logprobs ?? [] };

    private JsonObject WithLogprobs(JsonObject members)
    {
        if (!_isReasoning)
        {
            members["logprobs"] = new JsonArray();
        }

        return members;
    }

    /// <summary>An event's members with the place of the open item's text.</summary>
    private JsonObject Place(JsonObject members)
    {
        members["content_index"] = 0;
        return Of(_open!, members);
    }

    private JsonObject Of(JsonObject item, JsonObject members)
    {
        members["item_id"] = (string)item["id"]!;
        members["output_index"] = Output.Count - 1;
        return members;
    }

    private JsonObject Item(JsonObject item) => new() { ["output_index"] = Output.Count - 1, ["item"] = item.DeepClone() };
}
