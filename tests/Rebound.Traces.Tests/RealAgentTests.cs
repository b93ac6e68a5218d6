using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;
using Rebound.Testing;
using Rebound.Traces.Otlp;
using Rebound.Trajectories.Formats;

namespace Rebound.Traces.Tests;

/// <summary>An agent of Microsoft's Agent Framework with a tool, whose spans OpenTelemetry's own exporter sends.</summary>
public sealed class RealAgentTests
{
    private const string Source = "Rebound.Traces.Tests.Agent";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_run_becomes_a_trajectory_with_the_evaluation_as_outcome(bool framed)
    {
        using var folder = new TemporaryFolder();
        var bytes = await RunAsync(contents: true);
        File.WriteAllBytes(folder.File("traces.pb"), framed ? [.. bytes.SelectMany(message => (byte[])[.. Length(message), .. message])]
            : [.. bytes.SelectMany(message => message)]);
        var files = new TraceFiles();
        files.Read(folder.File("traces.pb"));

        var import = TraceImporter.Import(files.Data, new TraceImportOptions());

        Assert.Empty(import.LeftOut);
        Assert.Empty(import.WithoutOutcome);
        var row = Assert.Single(import.Rows);
        Conversation.AssertWeather(row);
        Assert.Equal("forecaster", (string?)row["source"]);
        Assert.Equal("scripted", (string?)row["model"]);
        Assert.Equal(0, (double)row["info"]!["reward"]!);
        Assert.Equal("weather", (string?)row["tools"]![0]!["function"]!["name"]);
        Assert.NotNull(row["tools"]![0]!["function"]!["parameters"]!["properties"]!["city"]);
        // The trajectory's reader takes it as it is.
        var trajectory = TrajectoryFile.ReadRow(System.Text.Json.JsonDocument.Parse(row.ToJsonString()).RootElement, "agent.jsonl", 1);
        Assert.False(trajectory.Outcome.Reward > 0);
        Assert.Equal("weather", trajectory.Turns.SelectMany(turn => turn.ToolCalls).Single().Name);
    }

    [Fact]
    public async Task Without_contents_it_says_what_to_switch_on()
    {
        var data = new TraceFiles();
        using var folder = new TemporaryFolder();
        using (var packed = new GZipStream(File.Create(folder.File("traces.pb.gz")), CompressionLevel.Fastest))
        {
            foreach (var message in await RunAsync(contents: false))
            {
                packed.Write(message);
            }
        }

        data.Read(folder.File("traces.pb.gz"));

        var import = TraceImporter.Import(data.Data, new TraceImportOptions());

        Assert.Empty(import.Rows);
        Assert.Contains("EnableSensitiveData", Assert.Single(import.LeftOut).Key);
    }

    private static byte[] Length(byte[] message) =>
        [(byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length];

    /// <summary>The messages that the exporter sent, in OTLP's Protobuf.</summary>
    private static async Task<IReadOnlyList<byte[]>> RunAsync(bool contents)
    {
        using var sent = new SentRequests();
        using var evaluations = new ActivitySource($"{Source}.Evaluation");
        using (Sdk.CreateTracerProviderBuilder().AddSource(Source, evaluations.Name).AddOtlpExporter(options =>
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.ExportProcessorType = ExportProcessorType.Simple;
            options.Endpoint = new Uri("http://collector.example/v1/traces");
            options.HttpClientFactory = () => new HttpClient(sent, disposeHandler: false);
        }).Build())
        {
            var tool = AIFunctionFactory.Create(([Description("Where")] string city) => $"{city}: sun, 21", "weather", "Tells the weather.");
            var client = new ScriptedClient().AsBuilder().UseFunctionInvocation()
                .UseOpenTelemetry(sourceName: Source, configure: telemetry => telemetry.EnableSensitiveData = contents).Build();
            var agent = new ChatClientAgent(client, new ChatClientAgentOptions
            {
                Name = "forecaster",
                ChatOptions = new ChatOptions { Instructions = "You tell the weather.", Tools = [tool] },
            }).AsBuilder().UseOpenTelemetry(Source, telemetry => telemetry.EnableSensitiveData = contents).Build();
            await agent.RunAsync("What is it like in Rome?", cancellationToken: Cancellation);

            // An evaluator that runs later, and knows the answer's id.
            using var evaluation = evaluations.StartActivity("evaluate");
            evaluation!.AddEvent(new ActivityEvent("gen_ai.evaluation.result", tags: new ActivityTagsCollection
            {
                ["gen_ai.evaluation.name"] = "Correctness",
                ["gen_ai.evaluation.score.label"] = "fail",
                ["gen_ai.evaluation.score.value"] = 0.3,
                ["gen_ai.response.id"] = "answer-2",
            }));
        }

        return sent.Bodies;
    }

    private sealed class SentRequests : HttpMessageHandler
    {
        private readonly List<byte[]> _bodies = [];

        public IReadOnlyList<byte[]> Bodies => _bodies;

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var body = new MemoryStream();
            request.Content!.CopyTo(body, null, cancellationToken);
            lock (_bodies)
            {
                _bodies.Add(body.ToArray());
            }

            return new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
