using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Tests;

public sealed class TraceFilesTests : IDisposable
{
    private static readonly JsonObject Traces = Spans.Traces(Spans.Span("1", "", "chat", 1, new JsonObject { ["a"] = 1, ["b"] = new JsonArray(true, 0.5) }));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Json_is_read_on_lines_in_one_piece_in_lists_packed_and_with_underscores()
    {
        var other = new JsonSerializerOptions { WriteIndented = true };
        File.WriteAllText(_folder.File("a.json"), Traces.ToJsonString(other));
        File.WriteAllText(_folder.File("b.jsonl"), $"\n{Traces.ToJsonString()}\n{Traces.ToJsonString()}\n{{\"resourceSpa");
        File.WriteAllText(_folder.File("c.json"), new JsonArray(Traces.DeepClone()).ToJsonString(other));
        File.WriteAllText(_folder.File("d.json"), Traces.ToJsonString()
            .Replace("resourceSpans", "resource_spans", StringComparison.Ordinal).Replace("scopeSpans", "scope_spans", StringComparison.Ordinal)
            .Replace("traceId", "trace_id", StringComparison.Ordinal).Replace("spanId", "span_id", StringComparison.Ordinal));
        using (var zip = ZipFile.Open(_folder.File("e.zip"), ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(_folder.File("a.json"), "traces/app.json");
            zip.CreateEntry("readme.txt");
        }

        var files = new TraceFiles();
        var all = TraceFiles.Of(_folder.Path).ToList();
        all.ForEach(files.Read);

        Assert.Equal(["a.json", "b.jsonl", "c.json", "d.json", "e.zip"], all.Select(Path.GetFileName));
        var span = Assert.Single(files.Data.Spans);
        Assert.Equal(5, files.Data.Repeated);
        Assert.Equal(("000102030405060708090a0b0c0d0e0f", "0000000000000001", "hand"), (span.TraceId, span.SpanId, span.Scope));
        Assert.Equal("[true,0.5]", span.Attributes["b"]!.ToJsonString());
        Assert.Equal("app", (string?)span.Resource["service.name"]);
        Assert.Contains("was cut off", Assert.Single(files.Notes));
    }

    [Theory]
    [InlineData("{\"resourceSpans\": 5}", "'resourceSpans' must be a list, but is number")]
    [InlineData("{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": [{\"traceId\": 7}]}]}]}", "line 1: 'traceId' must be a text")]
    [InlineData("no JSON", "neither OTLP's Protobuf nor valid JSON")]
    [InlineData("{}\n{\"resourceSpans\": []}\nx\n{}", "line 3 is not valid JSON")]
    [InlineData("\n\u0005", "bad.json")]
    public void What_is_damaged_is_named_with_its_place(string content, string sentence)
    {
        File.WriteAllText(_folder.File("bad.json"), content);

        var error = Assert.Throws<FormatException>(() => new TraceFiles().Read(_folder.File("bad.json")));

        Assert.Contains(sentence, error.Message);
        Assert.Contains("bad.json", error.Message);
    }

    [Fact]
    public void What_holds_no_traces_is_said()
    {
        File.WriteAllText(_folder.File("a.json"), "{\"messages\": []}");
        var files = new TraceFiles();

        files.Read(_folder.File("a.json"));

        Assert.Contains("holds no OpenTelemetry data", Assert.Single(files.Notes));
    }
}
