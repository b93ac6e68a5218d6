using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary><c>rebound data import traces</c>.</summary>
public sealed class ImportTracesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_become_trajectories_and_the_rest_is_counted()
    {
        var traces = _folder.Write("traces.jsonl", string.Join('\n', Trace("0a", "4", "solved"), Trace("0b", "five", "lost"), Trace("0c", null, "lost")));
        var output = _folder.File("agent.jsonl");

        var table = ReboundProcess.Run("data", "import", "traces", traces, "--output", output, "--outcome", "app.ticket").Succeeded();

        Assert.Matches("success +1 +33.3%", table);
        Assert.Matches("failure +1 +33.3%", table);
        Assert.Matches("left out +1 +33.3%", table);
        Assert.Contains("CAPTURE_MESSAGE_CONTENT", table.ReplaceLineEndings(" "));
        Assert.Equal([1, 0], File.ReadAllLines(output).Select(line => (int)JsonNode.Parse(line)!["info"]!["reward"]!));
        Assert.Contains("2+2?", ReboundProcess.Run("data", "show", output).Succeeded());
    }

    [Fact]
    public void What_cannot_be_read_is_said_in_a_sentence()
    {
        var none = _folder.Write("none.json", "{}");

        var silent = _folder.Write("silent.jsonl", Trace("0a", null, "lost"));

        Assert.Contains("1 run left out", ReboundProcess.Run("data", "import", "traces", silent).Refused());
        Assert.Contains("There is no span", ReboundProcess.Run("data", "import", "traces", none).Refused());
        Assert.Contains("absent.json", ReboundProcess.Run("data", "import", "traces", _folder.File("absent.json")).Refused());
        Assert.Contains("neither OTLP", ReboundProcess.Run("data", "import", "traces", _folder.Write("bad.json", "bad")).Refused());
        Assert.Contains("give one of them", ReboundProcess.Run("data", "import", "traces", none, "--outcome", "a", "--evaluation", "b").Refused());
    }

    /// <summary>An answer without an agent's span above it; null for one whose contents were not recorded.</summary>
    private static string Trace(string id, string? answer, string outcome)
    {
        var attributes = new Dictionary<string, string> { ["gen_ai.operation.name"] = "chat", ["app.ticket"] = outcome == "solved" ? "solved" : "lost" };
        if (answer is not null)
        {
            attributes["gen_ai.input.messages"] = """[{"role":"user","parts":[{"type":"text","content":"2+2?"}]}]""";
            attributes["gen_ai.output.messages"] = $$"""[{"role":"assistant","parts":[{"type":"text","content":"{{answer}}"}]}]""";
        }

        var list = new JsonArray([.. attributes.Select(attribute => new JsonObject
        {
            ["key"] = attribute.Key,
            ["value"] = new JsonObject { ["stringValue"] = attribute.Value },
        })]);
        return new JsonObject
        {
            ["resourceSpans"] = new JsonArray(new JsonObject
            {
                ["scopeSpans"] = new JsonArray(new JsonObject
                {
                    ["spans"] = new JsonArray(new JsonObject
                    {
                        ["traceId"] = id,
                        ["spanId"] = id,
                        ["name"] = "chat",
                        ["startTimeUnixNano"] = "1",
                        ["attributes"] = list,
                    }),
                }),
            }),
        }.ToJsonString();
    }
}
