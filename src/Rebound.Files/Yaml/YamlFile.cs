using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Files.Yaml;

/// <summary>
/// Reads configuration as JSON values, whichever of YAML and JSON it is written in. Plain scalars are read by YAML 1.2's
/// core schema: <c>true</c>, <c>null</c> and numbers are those, everything else is text.
/// </summary>
public static class YamlFile
{
    /// <summary>Bytes of a file; configurations are far smaller.</summary>
    private const int MostBytes = 4 << 20;

    /// <exception cref="DataException">The file cannot be read, or is neither; the line is named.</exception>
    public static JsonNode? Read(string path)
    {
        var content = Content(path);
        return Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
            ? ParseJson(content, path)
            : Parse(Decode(content, path), path);
    }

    /// <summary>A YAML file as it is written; null where there is nothing in it.</summary>
    /// <exception cref="DataException">The file cannot be read, or is no YAML; the line is named.</exception>
    public static YamlNode? ReadNodes(string path) => YamlReader.Read(Decode(Content(path), path), path);

    /// <param name="path">Where the text is from, for messages.</param>
    /// <exception cref="DataException">It is no YAML, is too large, or holds more than one document.</exception>
    public static JsonNode? Parse(string text, string path) =>
        YamlReader.Read(text, path) is { } root ? ToJson(root, path) : null;

    /// <summary>A part of a file as JSON.</summary>
    /// <param name="path">Where the text is from, for messages.</param>
    /// <exception cref="DataException">A mapping has a key twice.</exception>
    public static JsonNode? ToJson(YamlNode node, string path) => node switch
    {
        YamlMapping mapping => ConvertMapping(mapping, path),
        YamlList list => new JsonArray([.. list.Items.Select(item => ToJson(item, path))]),
        YamlText { IsPlain: true } text => Resolve(text.Value),
        _ => JsonValue.Create(((YamlText)node).Value),
    };

    private static byte[] Content(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[MostBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MostBytes
                ? bytes[..length]
                : throw new DataException(path, null, null, $"is longer than {MostBytes >> 20} MiB, and so no configuration.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Text in UTF-8, or as a byte order mark says in UTF-16.</summary>
    private static string Decode(ReadOnlySpan<byte> bytes, string path)
    {
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        };
        var text = bytes.StartsWith(encoding.Preamble) ? bytes[encoding.Preamble.Length..] : bytes;
        try
        {
            return encoding.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + text[..Math.Clamp(e.Index, 0, text.Length)].Count((byte)'\n');
            throw new DataException(path, null, null, $"line {line} is not valid {(encoding is UTF8Encoding ? "UTF-8" : "UTF-16")}.", e);
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

    private static JsonObject ConvertMapping(YamlMapping mapping, string path)
    {
        var result = new JsonObject();
        foreach (var (key, value) in mapping.Entries)
        {
            if (result.ContainsKey(key.Value))
            {
                throw new DataException(path, null, null, $"line {key.Line} is not valid YAML: the key {key.Value} stands there twice.");
            }

            result.Add(key.Value, ToJson(value, path));
        }

        return result;
    }

    private static JsonValue? Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => Number(whole),
        _ when IsNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) =>
            Number(number),
        _ => JsonValue.Create(text),
    };

    /// <summary>As parsed JSON has it, which can be read as any type of number.</summary>
    private static JsonValue? Number<T>(T value) => JsonValue.Create(JsonSerializer.SerializeToElement(value));

    private static bool IsNumber(string text) => text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E');
}
