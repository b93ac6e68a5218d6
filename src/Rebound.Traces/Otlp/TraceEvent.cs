using System.Text.Json.Nodes;

namespace Rebound.Traces.Otlp;

/// <summary>An event of a span, or a record of a log that belongs to one.</summary>
/// <param name="SpanId">The span that it belongs to; empty if it names none.</param>
/// <param name="Time">Nanoseconds since 1970 in UTC.</param>
/// <param name="Body">Of a log's record.</param>
public sealed record TraceEvent(string TraceId, string SpanId, string Name, ulong Time, JsonNode? Body)
{
    public required IReadOnlyDictionary<string, JsonNode?> Attributes { get; init; }

    /// <summary>An attribute that is text; null for none.</summary>
    public string? Text(string name) => TraceValues.Text(Attributes.GetValueOrDefault(name));
}
