using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>Writes calls of tools in the forms that <see cref="ToolCallReader"/> reads.</summary>
internal static class ToolCallWriter
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>OpenAI's list, where arguments are always text.</summary>
    public static JsonArray Messages(IReadOnlyList<ToolCall> calls) => new([.. calls.Select(call =>
    {
        var written = new JsonObject();
        if (call.Id is { } id)
        {
            written[ToolCallReader.ToolCallId] = id;
        }

        written["type"] = ToolCallReader.Function;
        written[ToolCallReader.Function] = new JsonObject
        {
            [ToolCallReader.Name] = call.Name,
            [ToolCallReader.Arguments] = call.Arguments,
        };
        return written;
    })]);

    /// <summary>
    /// ShareGPT's JSON text: an object for one call, a list for several. Arguments that are an object stand in it as they are.
    /// </summary>
    public static string Text(IReadOnlyList<ToolCall> calls)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            if (calls.Count == 1)
            {
                Write(writer, calls[0]);
            }
            else
            {
                writer.WriteStartArray();
                foreach (var call in calls)
                {
                    Write(writer, call);
                }

                writer.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter writer, ToolCall call)
    {
        writer.WriteStartObject();
        if (call.Id is { } id)
        {
            writer.WriteString(ToolCallReader.ToolCallId, id);
        }

        writer.WriteString(ToolCallReader.Name, call.Name);
        writer.WritePropertyName(ToolCallReader.Arguments);
        if (AsObject(call.Arguments) is not null)
        {
            writer.WriteRawValue(call.Arguments, skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(call.Arguments);
        }

        writer.WriteEndObject();
    }

    /// <summary>The JSON object that a text is, with nothing around it; null for any other text.</summary>
    public static JsonObject? AsObject(string text)
    {
        if (text is not ['{', .., '}'])
        {
            return null;
        }

        try
        {
            return StrictJson.ParseNode(text, DuplicateNames.LastCounts)!.AsObject();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
