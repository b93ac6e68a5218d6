using System.Text.Json;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Conditions;

/// <summary>Tools for prompts, a line each: its name, what it does and what it takes.</summary>
public static class ToolLines
{
    /// <param name="schemas">A list of function schemas in the OpenAI form.</param>
    public static string Of(JsonElement schemas) => string.Join('\n', schemas.EnumerateArray().Select(Line));

    private static string Line(JsonElement schema)
    {
        var tool = new FunctionSchema(schema);
        var arguments = Arguments(tool.Parameters).ToArray();
        var takes = arguments.Length switch
        {
            0 => "Takes nothing.",
            1 => $"Takes {arguments[0]}.",
            _ => $"Takes a JSON object of {string.Join(", ", arguments)}.",
        };
        return $"- {tool.Name}: {Sentence(tool.Description)}{takes}";
    }

    private static IEnumerable<string> Arguments(JsonElement? parameters)
    {
        if (parameters is not { } schema
            || FunctionSchema.Member(schema, "properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            yield break;
        }

        var required = FunctionSchema.Member(schema, "required") is { ValueKind: JsonValueKind.Array } names
            ? names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)
                .ToHashSet(StringComparer.Ordinal)
            : [];
        foreach (var property in properties.EnumerateObject())
        {
            var about = new[]
            {
                Type(property.Value),
                required.Contains(property.Name) ? "" : "optional",
                OneLine(FunctionSchema.Text(property.Value, "description")),
            };
            var said = string.Join("; ", about.Where(part => part.Length > 0));
            yield return said.Length > 0 ? $"\"{property.Name}\" ({said})" : $"\"{property.Name}\"";
        }
    }

    /// <summary>An argument's type, or the values that it may have.</summary>
    private static string Type(JsonElement property) => FunctionSchema.Member(property, "enum") is { ValueKind: JsonValueKind.Array } values
        ? string.Join(" or ", values.EnumerateArray().Select(value => value.GetRawText()))
        : FunctionSchema.Member(property, "type") switch
        {
            { ValueKind: JsonValueKind.String } type => type.GetString()!,
            { ValueKind: JsonValueKind.Array } types => string.Join(" or ", types.EnumerateArray().Select(type => type.ToString())),
            _ => "",
        };

    private static string Sentence(string text) => OneLine(text) is { Length: > 0 } line ? $"{line.TrimEnd('.')}. " : "";

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
