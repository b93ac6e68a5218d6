using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Reads the tools that an agent had: <c>tools</c>, a list or its JSON text (ShareGPT), or OpenAI's older
/// <c>functions</c>. A schema that stands by itself is wrapped as <c>{"type": "function", "function": …}</c>.
/// </summary>
internal static class ToolsReader
{
    public const string Tools = "tools";

    private const string Functions = "functions";
    private const string FunctionType = "function";

    public static bool IsTools(string member) => member is Tools or Functions;

    /// <exception cref="DataException">They are no list of schemas.</exception>
    public static JsonElement? Read(DataRow row)
    {
        var name = DataRow.Optional(row.Element, Tools) is null ? Functions : Tools;
        if (DataRow.Optional(row.Element, name) is not { } value)
        {
            return null;
        }

        var tools = value.ValueKind == JsonValueKind.String ? Parse(row, row.Text(value, name), name) : value;
        if (tools.ValueKind != JsonValueKind.Array)
        {
            throw row.Error(name, $"must be a list of tools, but is {DataRow.Kind(tools)}.");
        }

        var wrapped = new JsonArray();
        foreach (var (i, tool) in tools.EnumerateArray().Index())
        {
            row.CheckObject(tool, $"{name}[{i}]");
            var schema = JsonObject.Create(tool);
            wrapped.Add((JsonNode?)(tool.TryGetProperty(FunctionType, out _)
                ? schema
                : new JsonObject { ["type"] = FunctionType, [FunctionType] = schema }));
        }

        return wrapped.Count > 0 ? StrictJson.Element(wrapped) : null;
    }

    private static JsonElement Parse(DataRow row, string text, string name)
    {
        try
        {
            return StrictJson.ParseElement(string.IsNullOrWhiteSpace(text) ? "[]" : text, DuplicateNames.LastCounts);
        }
        catch (JsonException e)
        {
            throw new DataException(
                row.File, row.Row, name, $"is text that is not valid JSON ({JsonProblem.Of(e)}); a list of tools was expected.", e);
        }
    }
}
