using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;

namespace Rebound.Gateway.Tests;

public sealed class OutcomeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outcomes_come_by_conversation_by_answer_and_by_header()
    {
        await using var running = await StartAsync();
        var (_, first) = await running.AskAsync(Talk.Of(Talk.User("a")));
        await running.AskAsync(Talk.Of(Talk.User("b")));
        await running.AskAsync(Talk.Of(Talk.User("c")), null, "Rebound-Outcome: failure");
        await running.AskAsync(Talk.Of(Talk.User("d")));

        await TellAsync(running, new JsonObject
        {
            ["conversation_id"] = first,
            ["outcome"] = "failed",
            ["explanation"] = "It was wrong.",
            ["cause"] = "wrong answer",
        });
        await TellAsync(running, new JsonObject { ["response_id"] = "answer-1", ["success"] = true });

        var (counts, rows) = await running.StopAsync();
        Assert.Equal([0, 1, 0, null], rows.Select(row => row.Trajectory.Outcome.Reward));
        Assert.Equal("wrong answer", rows[0].Trajectory.Outcome.Cause);
        Assert.Equal("It was wrong.", rows[0].Json.GetProperty("info").GetProperty("explanation").GetString());
        Assert.Equal((1, 2), (counts.Kept.Successes, counts.Kept.Failures));
        Assert.Equal("nobody told one", Assert.Single(counts.Kept.WithoutOutcome).Key);
    }

    [Fact]
    public async Task The_last_word_on_the_last_answer_counts_most()
    {
        await using var running = await StartAsync();
        await running.AskAsync(Talk.Of(Talk.User("a")));
        var (_, conversation) = await running.AskAsync(Talk.Of(Talk.User("a"), Talk.Assistant("answer 0"), Talk.User("b")));

        await TellAsync(running, new JsonObject { ["response_id"] = "answer-0", ["outcome"] = true });
        Assert.Equal(1, Assert.Single((await running.StopAsync()).Rows).Trajectory.Outcome.Reward);
        await running.RestartAsync();
        await TellAsync(running, new JsonObject { ["conversation_id"] = conversation, ["outcome"] = false });
        Assert.Equal(0, Assert.Single((await running.StopAsync()).Rows).Trajectory.Outcome.Reward);
        await running.RestartAsync();
        await TellAsync(running, new JsonObject { ["response_id"] = "answer-1", ["outcome"] = 0 });
        await TellAsync(running, new JsonObject { ["response_id"] = "answer-1", ["outcome"] = 1 });
        Assert.Equal(1, Assert.Single((await running.StopAsync()).Rows).Trajectory.Outcome.Reward);
    }

    [Theory]
    [InlineData("""{"response_id": "nobody", "outcome": true}""", 404, "There is no answer 'nobody' here.")]
    [InlineData("""{"conversation_id": "nobody", "outcome": true}""", 404, "There is no conversation 'nobody' here.")]
    [InlineData("""{"outcome": true}""", 400, "Name the conversation as 'conversation_id'")]
    [InlineData("""{"response_id": "answer-0", "outcome": "maybe"}""", 400, "'outcome' must be true or false")]
    [InlineData("""{"response_id": "answer-0", "outcome": 0.4}""", 400, "'outcome' must be true or false")]
    [InlineData("""{"response_id": "answer-0", "verdict": true}""", 400, "There is no member 'verdict'")]
    [InlineData("""[]""", 400, "must be a JSON object")]
    public async Task What_is_no_outcome_is_refused_in_a_sentence(string body, int status, string sentence)
    {
        await using var running = await StartAsync();
        await running.AskAsync(Talk.Of(Talk.User("a")));

        using var response = await running.PostAsync("v1/feedback", JsonNode.Parse(body)!);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(sentence, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!["message"]);
    }

    [Fact]
    public async Task An_id_that_several_answers_have_is_no_answers_name()
    {
        await using var running = await RunningGateway.StartAsync(
            (number, context) => Talk.AnswerAsync(context, "always", Talk.Assistant($"answer {number}")));
        await running.AskAsync(Talk.Of(Talk.User("a")));
        var (_, second) = await running.AskAsync(Talk.Of(Talk.User("b")), null, "Rebound-Outcome: success");

        using var response = await running.PostAsync("v1/feedback", new JsonObject { ["response_id"] = "always", ["outcome"] = false });
        await TellAsync(running, new JsonObject { ["conversation_id"] = second, ["outcome"] = false });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("several answers", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([null, 0], (await running.StopAsync()).Rows.Select(row => row.Trajectory.Outcome.Reward));
    }

    /// <summary>Evaluations as OpenTelemetry's own exporter sends them.</summary>
    [Fact]
    public async Task Evaluations_that_an_exporter_sends_join_their_answers()
    {
        await using var running = await StartAsync(options => options with { Outcomes = new() { Evaluation = "Correctness", AtLeast = 4 } });
        var (_, conversation) = await running.AskAsync(Talk.Of(Talk.User("a")));
        await running.AskAsync(Talk.Of(Talk.User("b")));
        using var source = new ActivitySource("Rebound.Gateway.Tests.Evaluation");
        using (Sdk.CreateTracerProviderBuilder().AddSource(source.Name).AddOtlpExporter(options =>
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.ExportProcessorType = ExportProcessorType.Simple;
            options.Endpoint = new Uri(running.Gateway.Address, "v1/traces");
        }).Build())
        {
            using var activity = source.StartActivity("evaluate");
            void Evaluate(string key, string id, string name, double score) => activity!.AddEvent(
                new ActivityEvent("gen_ai.evaluation.result", tags: new ActivityTagsCollection
                {
                    ["gen_ai.evaluation.name"] = name,
                    ["gen_ai.evaluation.score.value"] = score,
                    [key] = id,
                }));
            Evaluate("gen_ai.conversation.id", conversation!, "Correctness", 5);
            Evaluate("gen_ai.response.id", "answer-1", "Correctness", 2);
            Evaluate("gen_ai.response.id", "answer-1", "Fluency", 5);
            Evaluate("gen_ai.response.id", "elsewhere", "Correctness", 5);
        }

        var (counts, rows) = await running.StopAsync();
        Assert.Equal([1, 0], rows.Select(row => row.Trajectory.Outcome.Reward));
        Assert.Equal(1, counts.Unmatched);
    }

    [Fact]
    public async Task Evaluations_in_JSON_may_be_log_records_and_contradict_each_other()
    {
        await using var running = await StartAsync();
        await running.AskAsync(Talk.Of(Talk.User("a")));
        JsonNode Logs(string label) => JsonNode.Parse($$$"""
            {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"eventName": "gen_ai.evaluation.result", "attributes": [
                {"key": "gen_ai.response.id", "value": {"stringValue": "answer-0"}},
                {"key": "gen_ai.evaluation.score.label", "value": {"stringValue": "{{{label}}}"}}]}]}]}]}
            """)!;
        using var good = await running.PostAsync("v1/logs", Logs("pass"));
        Assert.Equal("{}", await good.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(1, Assert.Single((await running.StopAsync()).Rows).Trajectory.Outcome.Reward);
        await running.RestartAsync();

        using var bad = await running.PostAsync("v1/logs", Logs("fail"));
        using var nonsense = await running.PostAsync("v1/traces", new JsonObject { ["a"] = 1 });

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], [bad.StatusCode, nonsense.StatusCode]);
        var (counts, rows) = await running.StopAsync();
        Assert.Null(Assert.Single(rows).Trajectory.Outcome.Reward);
        Assert.Contains("contradict", Assert.Single(counts.Kept.WithoutOutcome).Key);
    }

    [Fact]
    public async Task Headers_that_cannot_be_used_are_said_once_and_counted_and_what_they_come_with_passes()
    {
        await using var running = await RunningGateway.StartAsync((number, context) =>
        {
            context.Response.AddHeader("Rebound-Outcome", number == 3 ? "perhaps" : "success");
            return Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant($"answer {number}"));
        });

        await running.AskAsync(Talk.Of(Talk.User("a")), null, "Rebound-Outcome: maybe", "Rebound-Outcom: failure");
        await running.AskAsync(Talk.Of(Talk.User("b")), null, "Rebound-Outcome: dunno", "rebound-reward: 1");
        await running.AskAsync(
            Talk.Of(Talk.User("c")), null, "Rebound-Conversation: ", "Rebound-Outcome: success", "Rebound-Outcome: failure");
        await running.AskAsync(Talk.Of(Talk.User("d")), null, "Rebound-Outcome: failure");

        var (counts, rows) = await running.StopAsync();
        Assert.Equal([1, 1, 1, 0], rows.Select(row => row.Trajectory.Outcome.Reward));
        Assert.StartsWith("conv-", rows[2].Trajectory.Members["conversation_id"].GetString());
        Assert.Equal(
            [("Rebound-Conversation is empty", 1), ("Rebound-Outcome is no outcome", 4),
                ("Rebound-… is no header of the gateway", 2)],
            counts.IgnoredHeaders.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => (header.Key, header.Value)));
        var said = running.Notes.Where(note => note.StartsWith("A header", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, said.Length);
        Assert.Contains(said, note => note.Contains("it is 'maybe', and has to be true or false, a word", StringComparison.Ordinal));
        Assert.Contains(said, note => note.Contains("one is 'Rebound-Outcom'", StringComparison.Ordinal));
    }

    private static Task<RunningGateway> StartAsync(Func<GatewayOptions, GatewayOptions>? options = null) => RunningGateway.StartAsync(
        (number, context) => Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant($"answer {number}")), options);

    private static async Task TellAsync(RunningGateway running, JsonObject feedback)
    {
        using var response = await running.PostAsync("v1/feedback", feedback);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
