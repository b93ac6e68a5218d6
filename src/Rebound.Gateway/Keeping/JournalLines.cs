using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Traces.Otlp;

namespace Rebound.Gateway.Keeping;

/// <summary>The lines of the journal, each an object with one member, which says its kind.</summary>
internal static class JournalLines
{
    public const string Node = "node";
    public const string Tools = "tools";
    public const string Answer = "answer";
    public const string Continued = "continued";
    public const string Feedback = "feedback";
    public const string Evaluation = "evaluation";
    public const string Message = "message";
    public const string Parent = "parent";
    public const string Scope = "scope";

    /// <param name="parent">The number of the node's line among those of nodes; null for a conversation's first message.</param>
    /// <param name="scope">The name that a client gave the conversation; with its first message alone.</param>
    /// <param name="message">Becomes part of the line.</param>
    public static JsonObject OfNode(int? parent, string? scope, JsonObject message)
    {
        var node = new JsonObject { [Parent] = parent };
        if (scope is not null && parent is null)
        {
            node[Scope] = scope;
        }

        node[Message] = message;
        return new JsonObject { [Node] = node };
    }

    /// <param name="tools">Become part of the line.</param>
    public static JsonObject OfTools(JsonArray tools) => new() { [Tools] = tools };

    public static JsonObject OfAnswer(int node, KeptAnswer answer) => new()
    {
        [Answer] = new JsonObject
        {
            [Node] = node,
            ["conversation"] = answer.Conversation,
            ["response"] = answer.Response,
            ["model"] = answer.Model,
            [Tools] = answer.Tools,
            ["finish"] = answer.Finish,
            ["time"] = answer.Time,
        },
    };

    public static (int Node, KeptAnswer Answer) ReadAnswer(JsonElement line) => (
        line.GetProperty(Node).GetInt32(),
        new KeptAnswer(
            line.GetProperty("conversation").GetString()!, Text(line, "response"), Text(line, "model"),
            line.GetProperty(Tools) is { ValueKind: JsonValueKind.Number } tools ? tools.GetInt32() : null, Text(line, "finish"),
            line.GetProperty("time").GetInt64()));

    /// <summary>A conversation that goes on under another system prompt, by the numbers of the same answer's nodes.</summary>
    public static JsonObject OfContinued(int from, int to) =>
        new() { [Continued] = new JsonObject { ["from"] = from, ["to"] = to } };

    public static (int From, int To) ReadContinued(JsonElement line) =>
        (line.GetProperty("from").GetInt32(), line.GetProperty("to").GetInt32());

    public static JsonObject OfFeedback(string id, bool isConversation, double reward, string? explanation, string? cause) => new()
    {
        [Feedback] = new JsonObject
        {
            ["id"] = id,
            ["is_conversation"] = isConversation,
            ["reward"] = reward,
            ["explanation"] = explanation,
            ["cause"] = cause,
        },
    };

    public static (string Id, bool IsConversation, double Reward, string? Explanation, string? Cause) ReadFeedback(JsonElement line) => (
        line.GetProperty("id").GetString()!, line.GetProperty("is_conversation").GetBoolean(), line.GetProperty("reward").GetDouble(),
        Text(line, "explanation"), Text(line, "cause"));

    public static JsonObject OfEvaluation(string id, bool isConversation, TraceEvent evaluation) => new()
    {
        [Evaluation] = new JsonObject
        {
            ["id"] = id,
            ["is_conversation"] = isConversation,
            ["attributes"] = new JsonObject(evaluation.Attributes.Select(attribute =>
                KeyValuePair.Create(attribute.Key, attribute.Value?.DeepClone()))),
        },
    };

    public static (string Id, bool IsConversation, TraceEvent Evaluation) ReadEvaluation(JsonElement line) => (
        line.GetProperty("id").GetString()!, line.GetProperty("is_conversation").GetBoolean(),
        new TraceEvent("", "", "", 0, null)
        {
            Attributes = line.GetProperty("attributes").EnumerateObject().ToDictionary(
                attribute => attribute.Name, attribute => StrictJson.Node(attribute.Value), StringComparer.Ordinal),
        });

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
