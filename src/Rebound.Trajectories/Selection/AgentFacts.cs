using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Selection;

/// <summary>The agent as its conversations describe it, for its card: its tools and its system turn.</summary>
public sealed class AgentFacts
{
    private bool _isFirst = true;
    private readonly OrderedDictionary<string, JsonElement> _schemas = new(StringComparer.Ordinal);
    private bool _hasCalls;

    /// <summary>All tools that any conversation offers, each name once as it came first; null for none.</summary>
    public JsonElement? Schemas => _schemas.Count == 0
        ? null
        : StrictJson.Element(new JsonArray([.. _schemas.Values.Select(schema => StrictJson.Node(schema))]));

    /// <summary>The tool format; null where the conversations offer no tools, so that calls, if any, are text.</summary>
    public ToolFormat? Format => _hasCalls || _schemas.Count > 0 ? ToolFormat.Native : null;

    /// <summary>The text of the system turn that opens every conversation; null where they differ or have none.</summary>
    public string? System { get; private set; }

    internal static AgentFacts Of(AgentFactsRecord record)
    {
        var facts = new AgentFacts { _isFirst = record.IsFirst, _hasCalls = record.HasCalls, System = record.System };
        foreach (var schema in record.Schemas)
        {
            facts._schemas.Add(NameOf(schema), schema);
        }

        return facts;
    }

    internal AgentFactsRecord ToRecord() => new(_isFirst, _hasCalls, System, [.. _schemas.Values]);

    /// <summary>Takes note of a trajectory that is learned.</summary>
    public void Add(Trajectory trajectory)
    {
        var system = trajectory.Turns is [{ Role: Roles.System } opening, ..] ? opening.Content : null;
        System = _isFirst || System == system ? system : null;
        _isFirst = false;
        _hasCalls |= trajectory.Turns.Any(turn => turn.Loss && turn.ToolCalls.Count > 0);
        if (trajectory.Tools is { } tools)
        {
            foreach (var schema in tools.EnumerateArray())
            {
                _schemas.TryAdd(NameOf(schema), schema);
            }
        }
    }

    private static string NameOf(JsonElement schema) => new FunctionSchema(schema).Name is { Length: > 0 } name
        ? name
        : schema.GetRawText();
}
