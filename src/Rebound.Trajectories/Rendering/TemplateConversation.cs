using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Jinja;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Rendering;

/// <summary>Turns and tools as chat templates know them.</summary>
/// <param name="tools">The schemas of the tools on offer; null for none.</param>
internal sealed class TemplateConversation(JsonElement? tools = null)
{
    public TemplateConversation(IEnumerable<Turn> turns, JsonElement? tools = null)
        : this(tools)
    {
        foreach (var turn in turns)
        {
            Add(turn);
        }
    }

    public TemplateMessages Messages { get; } = new();

    public JsonArray? Tools { get; } = tools is { } list ? JsonArray.Create(list) : null;

    /// <summary>
    /// Adds a turn with all its members. Arguments of a call that are a JSON object are given as one, which is what
    /// templates expect, and any others as the text that they are.
    /// </summary>
    public void Add(Turn turn)
    {
        var message = new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content };
        if (turn.ToolCalls.Count > 0)
        {
            var calls = ToolCallWriter.Messages(turn.ToolCalls);
            foreach (var function in calls.Select(call => call![ToolCallReader.Function]!.AsObject()))
            {
                var arguments = function[ToolCallReader.Arguments]!.GetValue<string>();
                function[ToolCallReader.Arguments] = ToolCallWriter.AsObject(arguments) ?? (JsonNode)arguments;
            }

            message[ToolCallReader.ToolCalls] = calls;
        }

        foreach (var (name, value) in turn.Members)
        {
            if (value.ValueKind != JsonValueKind.Null)
            {
                message.TryAdd(name, StrictJson.Node(value));
            }
        }

        Messages.Add(message);
    }
}
