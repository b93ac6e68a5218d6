using System.Text.Json.Nodes;

namespace Rebound.Traces.Tests;

/// <summary>Which spans are one run, and how it ended.</summary>
public sealed class RunTests
{
    [Fact]
    public void An_agent_within_another_is_a_run_of_its_own()
    {
        var outer = Agent("1", "", "planner");
        var inner = Agent("3", "2", "searcher");
        var tool = Spans.Span("2", "1", "execute_tool", 2, new JsonObject { ["gen_ai.operation.name"] = "execute_tool" });

        var rows = Spans.Import(null, Spans.Traces(outer, tool, inner, Chat("4", "3", 3, "find", "found"), Chat("5", "1", 5, "plan", "done"))).Rows;

        Assert.Equal([("planner", "done"), ("searcher", "found")], rows.Select(row => ((string)row["source"]!, Last(row))));
    }

    [Fact]
    public void Answers_without_an_agent_grow_into_conversations()
    {
        var rows = Spans.Import(null, Spans.Traces(
            Chat("1", "", 1, "a", "b"), Chat("2", "", 2, "a", "b", "c", "d"), Chat("3", "", 3, "x", "y"), Chat("1", "", 1, "a", "b"))).Rows;

        Assert.Equal(["d", "y"], rows.Select(Last));
    }

    [Theory]
    [InlineData("pass", null, null, 1)]
    [InlineData("Incorrect", 0.9, null, 0)]
    [InlineData(null, 1.0, null, 1)]
    [InlineData(null, 0.4, null, null)]
    [InlineData(null, 0.4, 0.5, 0)]
    [InlineData("good enough", 4.0, 4.0, 1)]
    public void An_evaluation_is_read_by_its_label_or_by_its_score(string? label, double? score, double? least, int? reward)
    {
        var attributes = new JsonObject { ["gen_ai.evaluation.name"] = "Relevance" };
        if (label is not null)
        {
            attributes["gen_ai.evaluation.score.label"] = label;
        }

        if (score is not null)
        {
            attributes["gen_ai.evaluation.score.value"] = score;
        }

        var agent = Spans.Span("1", "", "invoke_agent", 1, new JsonObject { ["gen_ai.operation.name"] = "invoke_agent" },
            [Spans.Event("gen_ai.evaluation.result", 9, attributes)]);

        var import = Spans.Import(new TraceImportOptions { AtLeast = least }, Spans.Traces(agent, Chat("2", "1", 2, "a", "b")));

        Assert.Equal(reward, (double?)Assert.Single(import.Rows)["info"]?["reward"]);
        Assert.Equal(reward is null, import.WithoutOutcome.Count == 1);
    }

    [Fact]
    public void Evaluations_that_disagree_want_one_to_be_named()
    {
        JsonObject Says(string name, string label) => Spans.Event("gen_ai.evaluation.result", 9, new JsonObject
        {
            ["gen_ai.evaluation.name"] = name,
            ["gen_ai.evaluation.score.label"] = label,
        });
        var agent = Spans.Span("1", "", "invoke_agent", 1, new JsonObject { ["gen_ai.operation.name"] = "invoke_agent" },
            [Says("Safety", "pass"), Says("Correctness", "fail")]);
        JsonObject[] lines = [Spans.Traces(agent, Chat("2", "1", 2, "a", "b"))];

        var all = Spans.Import(null, [.. lines.Select(line => (JsonObject)line.DeepClone())]);
        var one = Spans.Import(new TraceImportOptions { Evaluation = "Correctness" }, lines);

        Assert.Contains("contradict", Assert.Single(all.WithoutOutcome).Key);
        Assert.Equal(0, (double)Assert.Single(one.Rows)["info"]!["reward"]!);
    }

    [Fact]
    public void An_attribute_of_the_users_own_tells_the_outcome()
    {
        var root = Spans.Span("9", "", "POST /tickets", 0, new JsonObject { ["app.solved"] = true });
        var agent = Agent("1", "9", "helper");

        var import = Spans.Import(
            new TraceImportOptions { OutcomeAttribute = "app.solved" }, Spans.Traces(root, agent, Chat("2", "1", 2, "a", "b")));

        Assert.Equal(1, (double)Assert.Single(import.Rows)["info"]!["reward"]!);
    }

    private static string Last(JsonObject row) => (string)row["messages"]!.AsArray()[^1]!["content"]!;

    private static JsonObject Agent(string id, string parent, string name) => Spans.Span(id, parent, $"invoke_agent {name}", 1, new JsonObject
    {
        ["gen_ai.operation.name"] = "invoke_agent",
        ["gen_ai.agent.name"] = name,
    });

    /// <summary>An answer; turns are the user's and the assistant's in turn, the last the answer.</summary>
    private static JsonObject Chat(string id, string parent, int start, params string[] turns)
    {
        JsonObject Message(int i) => new() { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = turns[i] };
        return Spans.Span(id, parent, "chat m", start, new JsonObject
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.input.messages"] = new JsonArray([.. Enumerable.Range(0, turns.Length - 1).Select(Message)]).ToJsonString(),
            ["gen_ai.output.messages"] = new JsonArray(Message(turns.Length - 1)).ToJsonString(),
        });
    }
}
