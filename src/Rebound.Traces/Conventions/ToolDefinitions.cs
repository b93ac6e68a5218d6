using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Conventions;

/// <summary>Reads definitions of tools of any convention as OpenAI's.</summary>
internal static class ToolDefinitions
{
    /// <summary>Null where there is none.</summary>
    public static JsonArray? Read(JsonNode? list)
    {
        var tools = new JsonArray();
        foreach (var item in TraceValues.List(list) ?? [])
        {
            if (TraceValues.Structure(item) is JsonObject tool && One(tool) is { } read)
            {
                tools.Add(read);
            }
        }

        return tools.Count > 0 ? tools : null;
    }

    private static JsonObject? One(JsonObject tool)
    {
        var function = tool["function"] as JsonObject ?? tool;
        if (TraceValues.Text(function["name"]) is not { } name)
        {
            return null;
        }

        var written = new JsonObject { ["name"] = name };
        if (TraceValues.Text(function["description"]) is { } description)
        {
            written["description"] = description;
        }

        var schema = TraceValues.Structure(function["parameters"] ?? function["inputSchema"] ?? function["input_schema"]);
        // The AI SDK's own wrapper of a schema.
        schema = schema is JsonObject { Count: 1 } wrapper && wrapper["jsonSchema"] is { } inner ? inner : schema;
        if (schema is JsonObject parameters)
        {
            written["parameters"] = parameters.DeepClone();
        }

        return new JsonObject { ["type"] = "function", ["function"] = written };
    }
}
