using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Text.Json;

namespace Rebound.Trajectories.Selection;

/// <summary>The tools of the conversations that a model learns from, for its agent card.</summary>
public sealed class LearnedTools
{
    private readonly OrderedDictionary<string, JsonElement> _schemas = new(StringComparer.Ordinal);
    private bool _hasCalls;

    /// <summary>All tools that any conversation offers, each name once as it came first; null for none.</summary>
    public JsonElement? Schemas => _schemas.Count == 0 ? null : StrictJson.Element(new JsonArray([.. _schemas.Values.Select(schema => StrictJson.Node(schema))]));

    /// <summary>How calls are made; null where the conversations tell of no tools, so that calls, if any, are text.</summary>
    public ToolFormat? Format => _hasCalls || _schemas.Count > 0 ? ToolFormat.Native : null;

    /// <summary>Takes note of a conversation.</summary>
    public void Add(Conversation conversation)
    {
        _hasCalls |= conversation.Turns.Any(turn => turn.Loss && turn.ToolCalls.Count > 0);
        if (conversation.Tools is { } tools)
        {
            foreach (var schema in tools.EnumerateArray())
            {
                _schemas.TryAdd(NameOf(schema), schema);
            }
        }
    }

    private static string NameOf(JsonElement schema) =>
        schema.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
        && function.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()!
            : schema.GetRawText();
}
