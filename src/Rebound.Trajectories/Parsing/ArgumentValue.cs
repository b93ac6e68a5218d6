using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Parsing;

/// <summary>The value of an argument that is written as text, of the type that its tool's schema gives it.</summary>
internal static class ArgumentValue
{
    /// <summary>
    /// A text stays one where the schema allows that, or says nothing and the text is no JSON list or object. What is no value of
    /// the schema's type stays a text, too, so that the tool's check finds it.
    /// </summary>
    /// <param name="schema">The argument's; null where none is known.</param>
    public static JsonNode? Of(string text, JsonElement? schema)
    {
        var types = schema is { } known ? Types(known).ToHashSet(StringComparer.Ordinal) : [];
        var plain = text.Trim();
        if (types.Contains("null") && plain is "null" or "None")
        {
            return null;
        }

        var isKept = types.Contains("string") || (types.Count == 0 && plain is not ['[' or '{', ..]);
        return isKept ? text
            : types.Contains("boolean") && bool.TryParse(plain, out var truth) ? truth
            : Json(plain) is { } value && (types.Count == 0 || types.Contains(Type(value))) ? value
            : text;
    }

    /// <summary>The types that a schema allows; whether a number has to be an integer is the tool's to check.</summary>
    private static IEnumerable<string> Types(JsonElement schema)
    {
        foreach (var several in new[] { "anyOf", "oneOf" })
        {
            if (FunctionSchema.Member(schema, several) is { ValueKind: JsonValueKind.Array } choices)
            {
                return choices.EnumerateArray().SelectMany(Types);
            }
        }

        return FunctionSchema.Member(schema, "type") switch
        {
            { ValueKind: JsonValueKind.String } type => [Known(type.GetString()!)],
            { ValueKind: JsonValueKind.Array } types => types.EnumerateArray().Select(type => Known(type.ToString())),
            _ => [],
        };
    }

    private static string Known(string type) => type == "integer" ? "number" : type;

    private static string Type(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        _ => "boolean",
    };

    private static JsonNode? Json(string text)
    {
        try
        {
            return StrictJson.ParseNode(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
