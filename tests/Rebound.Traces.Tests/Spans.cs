using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Tests;

/// <summary>Spans written by hand, in OTLP's JSON.</summary>
internal static class Spans
{
    public static JsonObject Span(string id, string parent, string name, int start, JsonObject attributes, JsonArray? events = null) => new()
    {
        ["traceId"] = "000102030405060708090a0b0c0d0e0f",
        ["spanId"] = id.PadLeft(16, '0'),
        ["parentSpanId"] = parent.Length == 0 ? "" : parent.PadLeft(16, '0'),
        ["name"] = name,
        ["startTimeUnixNano"] = $"{start}",
        ["attributes"] = Attributes(attributes),
        ["events"] = events ?? [],
    };

    public static JsonObject Event(string name, int time, JsonObject attributes) =>
        new() { ["name"] = name, ["timeUnixNano"] = $"{time}", ["attributes"] = Attributes(attributes) };

    public static JsonObject Traces(params JsonObject[] spans) => new()
    {
        ["resourceSpans"] = new JsonArray(new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = Attributes(new JsonObject { ["service.name"] = "app" }) },
            ["scopeSpans"] = new JsonArray(new JsonObject
            {
                ["scope"] = new JsonObject { ["name"] = "hand" },
                ["spans"] = new JsonArray([.. spans]),
            }),
        }),
    };

    /// <summary>What files with these lines become.</summary>
    public static TraceImport Import(TraceImportOptions? options, params JsonObject[] lines)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("traces.jsonl"), lines.Select(line => line.ToJsonString()));
        var files = new TraceFiles();
        files.Read(folder.File("traces.jsonl"));
        Assert.Empty(files.Notes);
        return TraceImporter.Import(files.Data, options ?? new TraceImportOptions());
    }

    public static JsonArray Attributes(JsonObject values) =>
        new([.. values.Select(value => new JsonObject { ["key"] = value.Key, ["value"] = Value(value.Value) })]);

    public static JsonObject Value(JsonNode? value) => value switch
    {
        JsonArray list => new JsonObject { ["arrayValue"] = new JsonObject { ["values"] = new JsonArray([.. list.Select(Value)]) } },
        JsonObject map => new JsonObject { ["kvlistValue"] = new JsonObject { ["values"] = Attributes(map) } },
        null => [],
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => new JsonObject { ["stringValue"] = value.DeepClone() },
            JsonValueKind.True or JsonValueKind.False => new JsonObject { ["boolValue"] = value.DeepClone() },
            _ when long.TryParse(value.ToJsonString(), out var number) => new JsonObject { ["intValue"] = $"{number}" },
            _ => new JsonObject { ["doubleValue"] = value.DeepClone() },
        },
    };
}
