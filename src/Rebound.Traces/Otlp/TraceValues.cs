using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;

namespace Rebound.Traces.Otlp;

/// <summary>
/// Values of attributes. What is structured stands in spans as JSON text mostly, and as a structure where the exporter can.
/// </summary>
internal static class TraceValues
{
    public static string? Text(JsonNode? value) =>
        value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : null;

    /// <summary>A structure; text that is JSON of one is read as that.</summary>
    public static JsonNode? Structure(JsonNode? value)
    {
        if (Text(value) is not { } text)
        {
            return value;
        }

        if (text.AsSpan().TrimStart() is not ['[' or '{', ..])
        {
            return null;
        }

        try
        {
            return Node(StrictJson.ParseElement(text, DuplicateNames.LastCounts));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A list, or a structure that stands for a list of one; null for anything else.</summary>
    public static IList<JsonNode?>? List(JsonNode? value) => Structure(value) switch
    {
        JsonArray list => list,
        JsonObject one => [one],
        _ => null,
    };

    public static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value),
    };

    /// <summary>The text of any value: text itself, and JSON of what is none.</summary>
    public static string AsText(JsonNode? value) => value is null ? "" : Text(value) ?? value.ToJsonString(JsonOutput.OneLine);
}
