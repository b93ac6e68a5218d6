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
    public static void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        write(writer);
        writer.Flush();
    }
}
