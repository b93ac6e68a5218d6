using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Files.Json;
using Rebound.Files.Messages;

namespace Rebound.Agents.Tools;

/// <summary>Reads the input of a call: the text of an action, or the JSON object of a native call.</summary>
public static class ToolArguments
{
    private const int MostQuoted = 60;

    /// <summary>
    /// The argument of <c>Action: tool[argument]</c>. A JSON object with the tool's own names is taken as it is. Any other text is the
    /// value of the tool's only argument, or of its only required one, in that argument's type.
    /// </summary>
    /// <exception cref="ToolArgumentException">The tool takes several arguments or none, and the text is no JSON object.</exception>
    public static AIFunctionArguments OfAction(AIFunctionDeclaration tool, string text)
    {
        var properties = Properties(tool.JsonSchema);
        if (TryObject(text) is { } given && given.EnumerateObject().All(member => properties.Any(property => property.Name == member.Name)))
        {
            return OfObject(tool, given);
        }

        var required = Required(tool.JsonSchema);
        var candidates = properties.Length == 1 ? properties : [.. properties.Where(property => required.Contains(property.Name))];
        return candidates switch
        {
            [var only] => new() { [only.Name] = Value(only.Value, text) },
            [] when text.Length == 0 => [],
            _ when properties.Length == 0 => throw new ToolArgumentException($"{tool.Name} takes no argument; call it as {tool.Name}[]."),
            _ => throw new ToolArgumentException(
                $"{tool.Name} takes a JSON object with {string.Join(", ", properties.Select(property => property.Name))}; this is none: "
                    + $"{TextExcerpt.Beginning(text, MostQuoted)}"),
        };
    }

    /// <summary>The arguments of a native call.</summary>
    /// <param name="json">The JSON object as the model wrote it; nothing at all stands for an empty one.</param>
    /// <exception cref="ToolArgumentException">It is no JSON object, or not what the tool's schema asks for.</exception>
    public static AIFunctionArguments OfCall(AIFunctionDeclaration tool, string json) => OfObject(tool, ReadObject(tool.Name, json));

    /// <summary>Whether a text is a JSON object.</summary>
    public static bool IsObject(string text) => TryObject(text) is not null;

    /// <summary>The JSON object of a native call's arguments, whatever the tool's schema.</summary>
    /// <exception cref="ToolArgumentException">It is none.</exception>
    public static JsonElement ReadObject(string tool, string json)
    {
        try
        {
            var given = StrictJson.ParseElement(string.IsNullOrWhiteSpace(json) ? "{}" : json, DuplicateNames.LastCounts);
            return given.ValueKind == JsonValueKind.Object
                ? given
                : throw new ToolArgumentException(
                    $"the arguments of {tool} must be a JSON object, and are {TextExcerpt.Beginning(json, MostQuoted)}.")
                {
                    IsNoJson = true,
                };
        }
        catch (JsonException e)
        {
            throw new ToolArgumentException($"the arguments of {tool} are not valid JSON, {JsonProblem.Of(e)}.", e) { IsNoJson = true };
        }
    }

    /// <inheritdoc cref="Text(IEnumerable{KeyValuePair{string, object?}})"/>
    public static string Text(JsonElement arguments) =>
        Text(arguments.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, (object?)member.Value)));

    /// <summary>The arguments as the one text that a tool takes: its value where there is one, and the JSON object otherwise.</summary>
    public static string Text(IEnumerable<KeyValuePair<string, object?>> arguments) => arguments.ToArray() switch
    {
        [] => "",
        [{ Value: var only }] => only switch
        {
            null => "",
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
            JsonElement element => element.GetRawText(),
            _ => JsonSerializer.Serialize(only, StrictJson.ForSerializer),
        },
        var several => JsonSerializer.Serialize(new Dictionary<string, object?>(several), StrictJson.ForSerializer),
    };

    /// <exception cref="ToolArgumentException">It is not what the tool's schema asks for.</exception>
    private static AIFunctionArguments OfObject(
        AIFunctionDeclaration tool, JsonElement given) => ArgumentSchema.Problem(tool, given) is { } problem
        ? throw new ToolArgumentException($"{tool.Name} does not take these arguments: {problem}.")
        : new(given.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value.Clone(), StringComparer.Ordinal));

    private static JsonProperty[] Properties(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var all)
            && all.ValueKind == JsonValueKind.Object
            ? [.. all.EnumerateObject()]
            : [];

    private static string?[] Required(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("required", out var names)
            && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString())]
            : [];

    private static JsonElement? TryObject(string text) =>
        text.AsSpan().TrimStart() is ['{', ..] && TryJson(text) is { ValueKind: JsonValueKind.Object } json ? json : null;

    private static JsonElement? TryJson(string text)
    {
        try
        {
            return StrictJson.ParseElement(text, DuplicateNames.LastCounts);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static object Value(JsonElement property, string text) => TypeOf(property) switch
    {
        "integer" when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) => whole,
        "number" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        "boolean" when bool.TryParse(text, out var truth) => truth,
        "array" when TryJson(text) is { ValueKind: JsonValueKind.Array } list => list,
        "object" when TryJson(text) is { ValueKind: JsonValueKind.Object } given => given,
        _ => text,
    };

    /// <summary>The type of an argument, the first one but null where it may have several; null where the schema tells none.</summary>
    private static string? TypeOf(JsonElement property)
    {
        if (property.ValueKind != JsonValueKind.Object || !property.TryGetProperty("type", out var type))
        {
            return null;
        }

        return type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString())
                .FirstOrDefault(name => name != "null")
            : type.ValueKind == JsonValueKind.String ? type.GetString() : null;
    }
}
