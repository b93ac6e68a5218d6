using System.Globalization;
using System.Text.Json;

namespace Rebound.Agents.Tools;

/// <summary>An action's argument as the named arguments that a protocol's tool takes.</summary>
internal static class McpArguments
{
    /// <summary>
    /// A JSON object is taken as it is. Other text is the value of the tool's only argument, or of its only required one, in
    /// that argument's type.
    /// </summary>
    /// <exception cref="ToolException">The tool takes several arguments, and the text is no JSON object.</exception>
    public static Dictionary<string, object?> Read(JsonElement schema, string argument)
    {
        if (TryObject(argument) is { } given)
        {
            return given;
        }

        var properties = schema.TryGetProperty("properties", out var all) ? all.EnumerateObject().ToArray() : [];
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToArray() : [];
        var candidates = properties.Length == 1 ? properties : [.. properties.Where(property => required.Contains(property.Name))];
        return candidates switch
        {
            [var only] => new() { [only.Name] = Value(only.Value, argument) },
            [] when argument.Length == 0 => [],
            _ => throw new ToolException($"the argument must be a JSON object with {string.Join(", ", properties.Select(property => property.Name))}."),
        };
    }

    private static Dictionary<string, object?>? TryObject(string argument)
    {
        try
        {
            return argument.TrimStart().StartsWith('{') ? JsonSerializer.Deserialize<Dictionary<string, object?>>(argument) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static object Value(JsonElement property, string text)
    {
        var type = property.TryGetProperty("type", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        return type switch
        {
            "integer" when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) => whole,
            "number" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            "boolean" when bool.TryParse(text, out var truth) => truth,
            _ => text,
        };
    }
}
