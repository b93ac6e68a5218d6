using System.Text.Json.Nodes;
using Rebound.Traces;
using Rebound.Traces.Runs;

namespace Rebound.Gateway.Outcomes;

/// <summary>Reads what clients say of an outcome.</summary>
internal sealed class OutcomeReading(TraceImportOptions options)
{
    private readonly VerdictReader _verdicts = new(options.AtLeast);

    /// <summary>The values that are outcomes, for messages.</summary>
    public string Allowed => "true or false, a word such as success or failure, "
        + (options.AtLeast is { } least ? $"or a score, which is a success from {least} on" : "1 or 0, or with --at-least any score");

    /// <summary>1 and 0; null for what is no outcome, or none.</summary>
    public double? Read(JsonNode? value) => _verdicts.Read(value);

    /// <summary>The same of a header.</summary>
    public double? Read(string? text) => text is null ? null : _verdicts.Read(JsonValue.Create(text));
}
