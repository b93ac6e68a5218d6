using System.Text.Json.Nodes;

namespace Rebound.Traces.Otlp;

/// <summary>A span as OpenTelemetry exports it.</summary>
/// <param name="TraceId">32 hexadecimal digits in lower case.</param>
/// <param name="SpanId">16 hexadecimal digits in lower case.</param>
/// <param name="ParentId">Empty for the root of a trace.</param>
/// <param name="Scope">The instrumentation's name.</param>
/// <param name="Start">Nanoseconds since 1970 in UTC.</param>
/// <param name="IsError">Whether its status is an error.</param>
public sealed record TraceSpan(
    string TraceId, string SpanId, string ParentId, string Name, string Scope, ulong Start, bool IsError)
{
    public required IReadOnlyDictionary<string, JsonNode?> Attributes { get; init; }

    public required IReadOnlyDictionary<string, JsonNode?> Resource { get; init; }

    public IReadOnlyList<TraceEvent> Events { get; init; } = [];

    /// <summary>An attribute that is text; null for none.</summary>
    public string? Text(string name) => TraceValues.Text(Attributes.GetValueOrDefault(name));
}
