using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;

namespace Rebound.Gateway.Keeping;

/// <summary>
/// A conversation up to a message, by a hash of all that was said. Clients repeat what a model said in words of their own: arguments are
/// written anew, reasoning and white space around a text are left out. These make no difference here.
/// </summary>
/// <param name="High">The first half.</param>
/// <param name="Low">The second half.</param>
internal readonly record struct MessageKey(ulong High, ulong Low)
{
    private const string ThoughtBegin = "<think>";
    private const string ThoughtEnd = "</think>";

    /// <summary>The beginning of conversations without a name.</summary>
    public static MessageKey Root => default;

    /// <summary>The beginning of those that a client gives a name.</summary>
    public static MessageKey RootOf(string? name) => name is null ? Root : Root.Then(writer => writer.WriteStringValue(name));

    /// <summary>The conversation with one message more.</summary>
    /// <param name="message">In OpenAI's form, with a text as content.</param>
    public MessageKey Then(JsonObject message) => Then(writer => Write(writer, message));

    private MessageKey Then(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { MaxDepth = JsonOutput.OneLine.MaxDepth }))
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(High);
            writer.WriteNumberValue(Low);
            write(writer);
            writer.WriteEndArray();
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.WrittenSpan, hash);
        return new MessageKey(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
    }

    private static void Write(Utf8JsonWriter writer, JsonObject message)
    {
        writer.WriteStringValue((string?)message["role"]);
        writer.WriteStringValue(Said((string?)message["content"] ?? ""));
        writer.WriteStringValue((string?)message["tool_call_id"]);
        foreach (var call in message["tool_calls"] as JsonArray ?? [])
        {
            writer.WriteStringValue((string?)call!["id"]);
            writer.WriteStringValue((string?)call["function"]!["name"]);
            WriteArguments(writer, (string?)call["function"]!["arguments"] ?? "");
        }
    }

    private static ReadOnlySpan<char> Said(string text)
    {
        var said = text.AsSpan().Trim();
        var end = said.StartsWith(ThoughtBegin) ? said.IndexOf(ThoughtEnd) : -1;
        return end < 0 ? said : said[(end + ThoughtEnd.Length)..].TrimStart();
    }

    private static void WriteArguments(Utf8JsonWriter writer, string arguments)
    {
        try
        {
            WriteSorted(writer, StrictJson.ParseElement(arguments.AsSpan().IsWhiteSpace() ? "{}" : arguments, DuplicateNames.LastCounts));
        }
        catch (JsonException)
        {
            writer.WriteStringValue(arguments);
        }
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    WriteSorted(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteSorted(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
