using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Rebound.Files.Messages;

namespace Rebound.Files.Json;

/// <summary>The meaning of a name that an object has twice.</summary>
public enum DuplicateNames
{
    /// <summary>An error: a person wrote it, and meant one of the two.</summary>
    Refused,

    /// <summary>The last value counts, as Python and JavaScript read it.</summary>
    LastCounts,

    /// <summary>All stay where they are: for JSON whose text is kept as it was written.</summary>
    Kept,
}

/// <summary>
/// Reads JSON so that nothing of it fails later: it nests no deeper than <see cref="Nesting.Deepest"/>, every name and text is valid
/// Unicode, and no object has a name twice unless it may. What is wrong is a <see cref="JsonException"/> for <see cref="JsonProblem"/>,
/// with its line and, where the JSON is well formed, its member.
/// </summary>
public static class StrictJson
{
    /// <summary>The problem of a file that <see cref="IsUtf16"/>.</summary>
    public const string Utf16 = "it is UTF-16, and UTF-8 is needed";

    /// <summary>
    /// For .NET's serializer, which by itself takes a third of the depth that is read here: all of it, and what is written around it. It
    /// also takes null for members that cannot be null; here it refuses that.
    /// </summary>
    public static JsonSerializerOptions ForSerializer { get; } =
        new() { MaxDepth = 2 * Nesting.Deepest, RespectNullableAnnotations = true };

    private static readonly JsonDocumentOptions Unique = new() { MaxDepth = Nesting.Deepest, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = Nesting.Deepest };

    /// <summary>For values that stand a few levels within others.</summary>
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 2 * Nesting.Deepest };

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly UTF8Encoding Utf8Only = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a value, which keeps nothing of the bytes alive.</summary>
    /// <param name="utf8">The value and nothing else; a byte order mark before it is left out.</param>
    /// <exception cref="JsonException">It is not JSON, or cannot be used.</exception>
    public static JsonElement ParseElement(ReadOnlySpan<byte> utf8, DuplicateNames duplicates = DuplicateNames.Refused)
    {
        if (IsUtf16(utf8))
        {
            throw new StrictJsonException(Utf16, path: null, line: null);
        }

        var json = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (MayHoldBadText(json))
        {
            JsonElement.Parse(json, Lenient);
            JsonWalk.Check(json, refuseDuplicates: false);
        }

        try
        {
            return JsonElement.Parse(json, duplicates == DuplicateNames.Kept ? Lenient : Unique);
        }
        catch (JsonException) when (duplicates != DuplicateNames.Kept)
        {
            // This throws again unless it was for a name that is there twice.
            var element = JsonElement.Parse(json, Lenient);
            if (duplicates == DuplicateNames.Refused)
            {
                JsonWalk.Check(json, refuseDuplicates: true);
            }

            return WithLastOnly(element);
        }
    }

    /// <inheritdoc cref="ParseElement(ReadOnlySpan{byte}, DuplicateNames)"/>
    public static JsonElement ParseElement(string text, DuplicateNames duplicates = DuplicateNames.Refused)
    {
        try
        {
            return ParseElement(Utf8Only.GetBytes(text), duplicates);
        }
        catch (EncoderFallbackException e)
        {
            throw new StrictJsonException(JsonWalk.HalfPair, path: null, text.AsSpan(0, e.Index).Count('\n'), e);
        }
    }

    /// <inheritdoc cref="ParseElement(ReadOnlySpan{byte}, DuplicateNames)"/>
    public static JsonNode? ParseNode(ReadOnlySpan<byte> utf8, DuplicateNames duplicates = DuplicateNames.Refused) =>
        Node(ParseElement(utf8, duplicates));

    /// <inheritdoc cref="ParseElement(ReadOnlySpan{byte}, DuplicateNames)"/>
    public static JsonNode? ParseNode(string text, DuplicateNames duplicates = DuplicateNames.Refused) =>
        Node(ParseElement(text, duplicates));

    /// <summary>The same value as a node that can be changed.</summary>
    public static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };

    /// <summary>Whether bytes begin with the mark of UTF-16, in either order.</summary>
    public static bool IsUtf16(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);

    /// <summary>A node as a value that stays as it is now.</summary>
    public static JsonElement Element(JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null", Deep);

    /// <summary>Whether a text may not be valid Unicode; nearly all JSON is without the bytes and escapes that it takes.</summary>
    private static bool MayHoldBadText(ReadOnlySpan<byte> json) =>
        !Utf8.IsValid(json) || json.IndexOf("\\ud"u8) >= 0 || json.IndexOf("\\uD"u8) >= 0;

    private static JsonElement WithLastOnly(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            WriteLastOnly(writer, element);
        }

        return JsonElement.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), Unique);
    }

    private static void WriteLastOnly(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
                foreach (var member in element.EnumerateObject())
                {
                    members[member.Name] = member.Value;
                }

                writer.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    writer.WritePropertyName(name);
                    WriteLastOnly(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    WriteLastOnly(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteRawValue(element.GetRawText());
                break;
        }
    }
}
