using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Rebound.Server.OpenAi;
using Rebound.Server.Telemetry;
using Rebound.Testing;

namespace Rebound.Server.Tests;

public sealed partial class TelemetryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-server-").FullName;

    public TelemetryTests() => TestModels.Write(Path.Combine(_folder, "model"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Metrics_have_the_names_of_vLLMs_dashboards_and_count_what_was_asked()
    {
        await using var server = await RunningServer.StartAsync(Path.Combine(_folder, "model"));
        var before = await server.Http.GetStringAsync("metrics", Cancellation);
        Assert.Contains("\nvllm:request_success_total{model_name=\"model\",finished_reason=\"length\"} 0\n", before);
        Assert.Contains("\nvllm:time_to_first_token_seconds_count{model_name=\"model\"} 0\n", before);
        await server.AskAsync(ChatEndpoint.Path, Ask(7));
        await server.PostAsync(ChatEndpoint.Path, new JsonObject { ["messages"] = "nonsense" });

        using var response = await server.Http.GetAsync("metrics", Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.All(text.TrimEnd().Split('\n'), line => Assert.Matches(MetricLine(), line));
        foreach (var line in new[]
        {
            "vllm:num_requests_running{model_name=\"model\"} 0", "vllm:num_requests_waiting{model_name=\"model\"} 0",
            "vllm:kv_cache_usage_perc{model_name=\"model\"} 0", "vllm:generation_tokens_total{model_name=\"model\"} 7",
            "vllm:request_success_total{model_name=\"model\",finished_reason=\"length\"} 1",
            "vllm:time_to_first_token_seconds_count{model_name=\"model\"} 1", "vllm:inter_token_latency_seconds_count{model_name=\"model\"} 6",
            "vllm:e2e_request_latency_seconds_bucket{model_name=\"model\",le=\"+Inf\"} 1",
        })
        {
            Assert.Contains($"\n{line}\n", text);
        }

        foreach (var name in new[] { "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total", "vllm:iteration_tokens_total_bucket" })
        {
            Assert.Contains($"\n{name}{{", text);
        }
    }

    [Fact]
    public async Task Spans_and_metrics_follow_the_conventions_for_generative_AI()
    {
        var (spans, metrics) = (new List<Activity>(), new List<Metric>());
        using var tracing = Sdk.CreateTracerProviderBuilder().AddSource(RequestTelemetry.SourceName).AddInMemoryExporter(spans).Build();
        using var metering = Sdk.CreateMeterProviderBuilder().AddMeter(RequestTelemetry.SourceName).AddInMemoryExporter(metrics).Build();
        await using (var server = await RunningServer.StartAsync(Path.Combine(_folder, "model"), models: new() { Name = "spanned" }))
        {
            await server.AskAsync(ChatEndpoint.Path, Ask(5));
        }

        tracing.ForceFlush();
        metering.ForceFlush();

        var span = Assert.Single(spans, span => span.DisplayName == "chat spanned");
        Assert.Equal(ActivityKind.Server, span.Kind);
        Assert.Equal("chat", span.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("spanned", span.GetTagItem("gen_ai.request.model"));
        Assert.Equal(5, span.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.Equal(["length"], Assert.IsType<string[]>(span.GetTagItem("gen_ai.response.finish_reasons")));
        Assert.Equal(
            ["gen_ai.server.request.duration", "gen_ai.server.time_per_output_token", "gen_ai.server.time_to_first_token"],
            metrics.Select(metric => metric.Name).Distinct().Order(StringComparer.Ordinal));
        foreach (var metric in metrics)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var bounds = new List<double>();
                foreach (var bucket in point.GetHistogramBuckets())
                {
                    bounds.Add(bucket.ExplicitBound);
                }

                Assert.InRange(bounds[0], 0.001, 0.01);
            }
        }
    }

    [Fact]
    public void Nothing_is_sent_where_no_variable_says_where_to()
    {
        Assert.Null(TelemetryExport.Start(_ => null));
        using var export = TelemetryExport.Start(name => name == "OTEL_EXPORTER_OTLP_ENDPOINT" ? "http://127.0.0.1:9" : null);
        Assert.NotNull(export);
    }

    private static JsonObject Ask(int tokens) => new()
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
        ["temperature"] = 0,
        ["ignore_eos"] = true,
        ["max_tokens"] = tokens,
    };

    [GeneratedRegex("""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eEInf]+)$""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MetricLine();
}
