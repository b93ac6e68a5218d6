using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rebound.Files.Json;

namespace Rebound.Server.Http;

/// <summary>JSON as it goes over the wire: members in snake case, texts readable.</summary>
internal static class WireJson
{
    public static JsonSerializerOptions Serializer { get; } = new(StrictJson.ForSerializer)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one value.</summary>
    public static void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> write) => Write(output, write, null).Dispose();

    /// <summary>Writes one value with a writer of another one before it.</summary>
    /// <param name="writer">Null for the first.</param>
    /// <returns>The writer for the next one.</returns>
    public static Utf8JsonWriter Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> write, Utf8JsonWriter? writer)
    {
        if (writer is null)
        {
            writer = new Utf8JsonWriter(output, Writing);
        }
        else
        {
            writer.Reset(output);
        }

        write(writer);
        writer.Flush();
        return writer;
    }
}
