using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>The schema of a tool, in the OpenAI form or as the function in it alone; what is absent or of another kind is empty.</summary>
/// <param name="schema">Any JSON.</param>
public readonly struct FunctionSchema(JsonElement schema)
{
    private readonly JsonElement _function = Member(schema, "function") is { ValueKind: JsonValueKind.Object } function ? function : schema;

    public string Name => Text(_function, "name");

    public string Description => Text(_function, "description");

    /// <summary>The schema of its arguments; null for none.</summary>
    public JsonElement? Parameters => Member(_function, "parameters");

    /// <summary>The schema of an argument; null where it has none.</summary>
    public JsonElement? Parameter(string name) => Parameters is { } parameters && Member(parameters, "properties") is { } properties
        ? Member(properties, name)
        : null;

    /// <summary>The member of an object; null for none, and for what is no object.</summary>
    internal static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>The text of a member; empty for none.</summary>
    internal static string Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
