using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Reads configuration as JSON values, whichever of YAML and JSON it is written in. Plain scalars are read by YAML 1.2's
/// core schema: <c>true</c>, <c>null</c> and numbers are those, everything else is text.
/// </summary>
public static class YamlFile
{
    /// <exception cref="DataException">The file cannot be read, or is neither; the line is named.</exception>
    public static JsonNode? Read(string path)
    {
        try
        {
            return Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
                ? ParseJson(File.ReadAllBytes(path), path)
                : Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }

    /// <param name="path">Where the text is from, for messages.</param>
    /// <exception cref="DataException">It is no YAML, has an anchor or a tag, or holds more than one document.</exception>
    public static JsonNode? Parse(string text, string path)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents switch
            {
                [] => null,
                [var document] => Convert(document.RootNode, path),
                _ => throw new DataException(path, null, null, "holds more than one YAML document."),
            };
        }
        catch (YamlException e)
        {
            throw new DataException(path, null, null, $"line {e.Start.Line} is not valid YAML: {e.Message}", e);
        }
    }

    private static JsonNode? ParseJson(byte[] content, string path)
    {
        try
        {
            return StrictJson.ParseNode(content);
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"is not valid JSON, {JsonProblem.Of(e)}.", e);
        }
    }

    private static JsonNode? Convert(YamlNode node, string path) => node switch
    {
        YamlMappingNode mapping => ConvertMapping(mapping, path),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(child => Convert(child, path))]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Resolve(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new DataException(path, null, null, $"line {node.Start.Line}: a {node.NodeType} cannot be used here."),
    };

    private static JsonObject ConvertMapping(YamlMappingNode mapping, string path)
    {
        var result = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name })
            {
                throw new DataException(path, null, null, $"line {key.Start.Line}: a key must be text.");
            }

            result.Add(name, Convert(value, path));
        }

        return result;
    }

    private static JsonValue? Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => Number(whole),
        _ when IsNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Number(number),
        _ => JsonValue.Create(text),
    };

    /// <summary>As parsed JSON has it, which can be read as any type of number.</summary>
    private static JsonValue? Number<T>(T value) => JsonValue.Create(JsonSerializer.SerializeToElement(value));

    private static bool IsNumber(string text) => text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E');
}
