using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Server.Telemetry;
using Rebound.Trajectories;

namespace Rebound.Server.Tests;

/// <summary>An agent that works whole on the server: it thinks, calls its tools there, and answers.</summary>
[Collection(TrainedAgentTestGroup.Name)]
public sealed class AgentRunTests(TrainedAgentFixture fixture)
{
    private const string Run = "/v1/agents/agent/run";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => fixture.Server;

    [Theory]
    [InlineData("agent", null, "4")]
    [InlineData("agent:negative", null, "9")]
    [InlineData("agent", "negative", "9")]
    public async Task Its_condition_is_that_of_its_name_or_of_the_request(string name, string? condition, string answer)
    {
        var run = await Server.AskAsync($"/v1/agents/{name}/run", Ask("condition", condition));

        Assert.Equal(("completed", answer), ((string?)run["status"], (string?)run["answer"]));
        Assert.Equal((name, "agent", "agent.run"), ((string?)run["agent"], (string?)run["model"], (string?)run["object"]));
        Assert.True((int)run["usage"]!["completion_tokens"]! > 20);
        Assert.True((int)run["usage"]!["prompt_tokens_details"]!["cached_tokens"]! > 0, "The second turn goes on from the first.");
    }

    [Fact]
    public async Task Its_turns_are_those_of_an_episode_of_evaluations()
    {
        var question = new TaskQuestion("0", "6-2, 3-2?", "4 1");
        using var backend = new CpuBackend(1);
        using var model = LocalAgentModel.Open(fixture.Folder, backend);
        using var chat = model.Start(1);
        var options = new EpisodeOptions
        {
            Temperature = 0,
            ToolFormat = model.ToolFormat,
            ToolSchemas = model.Card!.Tools,
        };
        var prompt = model.Card.Prompt!;
        var episode = await new EpisodeRunner(
                chat, new ToolSet(new CalculateTool()), BuiltInTasks.Find("hotpotqa")!.Judge, options, TimeProvider.System)
            .RunAsync(question, prompt.Ask(question.Question, prompt.Positive), Cancellation);
        var expected = new Trajectories.Formats.TrajectoryWriter(Trajectories.Formats.TrajectoryFormat.NatInstruct)
            .Write(episode.ToTrajectory())["conversations"]!.AsArray();

        var request = Ask("question", question.Question);
        request["return_token_ids"] = true;
        var run = await Server.AskAsync(Run, request);

        var turns = run["trajectory"]!["conversations"]!.AsArray();
        Assert.Equal("4 1", (string?)run["answer"]);
        Assert.Equal(expected.Select(turn => Said(turn!)), turns.Skip(1).Select(turn => Said(turn!)));
        Assert.Equal(
            expected[0]!["generated"]!["ids"]?.ToJsonString() ?? expected[0]!["generated"]!.ToJsonString(),
            turns[1]!["generated"]!["ids"]?.ToJsonString() ?? turns[1]!["generated"]!.ToJsonString());
    }

    [Fact]
    public async Task A_stream_tells_turns_calls_and_observations_apart_and_ends_with_the_whole()
    {
        var events = await Server.StreamAsync(Run, Ask());

        Assert.Equal(
            [
                "run.created", "turn.created", "turn.completed", "observation", "turn.created", "turn.completed", "observation",
                "run.completed",
            ],
            events.Select(told => (string)told["type"]!).Where(type => !type.EndsWith(".delta", StringComparison.Ordinal)));
        var calls = events.Where(told => (string?)told["type"] == "turn.completed").Select(told => Assert.Single(told["calls"]!.AsArray())!);
        Assert.Equal(["calculate", "finish"], calls.Select(call => (string?)call["name"]));
        var observed = events.Where(told => (string?)told["type"] == "observation").ToArray();
        Assert.Equal(["4", AgentLoop.FinishResult], observed.Select(told => (string?)told["content"]));
        Assert.Equal(calls.Select(call => (string?)call["id"]), observed.Select(told => (string?)told["call_id"]));
        Assert.Equal([0, 1], observed.Select(told => (int)told["turn"]!));
        Assert.Equal("calculate", (string?)Assert.Single(events[0]["run"]!["tools"]!.AsArray()));
        var whole = await Server.AskAsync(Run, Ask());
        Assert.Equal(Said(whole), Said(events[^1]["run"]!));
        Assert.Equal((string?)events[0]["run"]!["id"], (string?)events[^1]["run"]!["id"]);
    }

    [Fact]
    public async Task Guidance_limits_and_fewer_tools()
    {
        var guided = await Server.AskAsync(Run, Ask("guidance", 0.5));
        Assert.Equal("4", (string?)guided["answer"]);
        Assert.Equal(0.5, (double)guided["trajectory"]!["guidance"]!);

        var stopped = await Server.AskAsync(Run, Ask("step_limit", 1));
        Assert.Equal(("failed", "step limit"), ((string?)stopped["status"], (string?)stopped["cause"]));

        var cut = await Server.AskAsync(Run, Ask("max_tokens", 3));
        Assert.Equal("token limit", (string?)cut["cause"]);

        var request = Ask();
        request["tools"] = new JsonArray();
        var alone = await Server.AskAsync(Run, request);
        Assert.Equal(2, alone["trajectory"]!["conversations"]!.AsArray().Count);

        request = Ask("question", null);
        request["messages"] = new JsonArray(
            new JsonObject { ["role"] = "system", ["content"] = "Say it." }, new JsonObject { ["role"] = "user", ["content"] = "6-2?" });
        var turns = (await Server.AskAsync(Run, request))["trajectory"]!["conversations"]!.AsArray();
        Assert.Equal(["system", "user"], turns.Take(2).Select(turn => (string?)turn!["role"]));
    }

    [Theory]
    [InlineData(404, "model_not_found", "nobody", "question", "6-2?", "no model 'nobody'")]
    [InlineData(400, null, "agent", "question", null, "no 'messages'")]
    [InlineData(400, null, "agent", "question", " ", "'question' is empty")]
    [InlineData(400, null, "agent", "condition", "often", "has no condition 'often'")]
    [InlineData(400, null, "agent", "step_limit", 0, "'step_limit' is 0")]
    [InlineData(400, null, "agent", "timeout", -1, "'timeout' is -1")]
    [InlineData(400, null, "agent", "temperature", -1, "emperature")]
    [InlineData(400, null, "agent", "max_tokens", 0, "'max_tokens' is 0")]
    [InlineData(404, "model_not_found", "agent", "model", "other", "no model 'other'")]
    public async Task A_request_that_cannot_be_is_told_so(int status, string? code, string agent, string member, object? value, string says)
    {
        foreach (var stream in new[] { false, true })
        {
            var request = Ask(member, value);
            request["stream"] = stream;
            var (given, body) = await Server.PostAsync($"/v1/agents/{agent}/run", request);

            Assert.Equal((status, code), (given, (string?)body["error"]!["code"]));
            Assert.Contains(says, (string)body["error"]!["message"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_tool_that_it_has_not_and_a_question_beyond_the_context_are_refused()
    {
        var request = Ask();
        request["tools"] = new JsonArray("shell");
        var (status, body) = await Server.PostAsync(Run, request);
        Assert.Equal((400, "tools"), (status, (string?)body["error"]!["param"]));
        Assert.Contains("it has calculate", (string)body["error"]!["message"]!, StringComparison.Ordinal);
        request["tools"] = new JsonArray((JsonNode?)null);
        (status, body) = await Server.PostAsync(Run, request);
        Assert.Equal((400, "tools"), (status, (string?)body["error"]!["param"]));

        request = Ask("question", new string('x', 5000));
        request["stream"] = true;
        (status, body) = await Server.PostAsync(Run, request);
        Assert.Equal(400, status);
        Assert.Contains("4096", (string)body["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_says_what_agents_have()
    {
        var list = JsonNode.Parse(await Server.Http.GetStringAsync("/v1/agents", Cancellation))!["data"]!.AsArray();

        var agent = Assert.Single(list)!;
        Assert.Equal(("agent", "sums", "native"), ((string?)agent["id"], (string?)agent["task"], (string?)agent["tool_format"]));
        Assert.Equal("calculate", (string?)Assert.Single(agent["tools"]!.AsArray())!["name"]);
        Assert.Contains("negative", agent["conditions"]!.AsArray().Select(condition => (string?)condition));
    }

    [Fact]
    public async Task A_client_that_goes_away_stops_its_tools()
    {
        var (began, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        fixture.BeforeCalculating = async cancellation =>
        {
            began.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended.SetResult();
            }
        };
        try
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var asked = Server.Http.PostAsync(Run, JsonContent.Create(Ask()), leaving.Token);
            await began.Task;
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
            await ended.Task;
        }
        finally
        {
            fixture.BeforeCalculating = null;
        }

        Assert.Equal("4", (string?)(await Server.AskAsync(Run, Ask()))["answer"]);
    }

    [Fact]
    public async Task A_tool_that_fails_ends_it_with_its_cause()
    {
        fixture.BeforeCalculating = _ => throw ToolException.Public("the calculator is broken.");
        try
        {
            var run = await Server.AskAsync(Run, Ask());
            Assert.Equal(("tool error", "the calculator is broken."), ((string?)run["cause"], (string?)run["detail"]));

            foreach (var problem in (Exception[])[
                new ToolException("SQLite: cannot open /a/secret/wiki.db"),
                new HttpRequestException("No route to host (secret.lan:8443)"),
                new ToolException("503 of secret.lan") { PublicMessage = "the search service answered 503." }])
            {
                fixture.BeforeCalculating = _ => throw problem;
                run = await Server.AskAsync(Run, Ask());
                var streamed = await Server.StreamAsync(Run, Ask());
                var said = (problem as ToolException)?.PublicMessage ?? "the tool calculate failed; whoever runs the server can see why.";
                Assert.Equal(("tool error", said), ((string?)run["cause"], (string?)run["detail"]));
                Assert.Equal(said, (string?)streamed[^1]["run"]!["detail"]);
                Assert.DoesNotContain("secret", run.ToJsonString() + string.Concat(streamed.Select(told => told.ToJsonString())));
                Assert.Contains($"The tool calculate failed: {problem.Message}", Server.Notes);
            }

            fixture.BeforeCalculating = _ => throw new ToolServerException("gone at /a/secret/path");
            var (status, body) = await Server.PostAsync(Run, Ask());
            Assert.Equal((500, "server_error"), (status, (string?)body["error"]!["type"]));
            Assert.DoesNotContain("secret", body.ToJsonString(), StringComparison.Ordinal);
            Assert.Contains(Server.Notes, note => note.Contains("secret", StringComparison.Ordinal));
            var events = await Server.StreamAsync(Run, Ask());
            Assert.Equal(("error", "server_error"), ((string?)events[^1]["type"], (string?)events[^1]["error"]!["type"]));
        }
        finally
        {
            fixture.BeforeCalculating = null;
        }
    }

    [Fact]
    public async Task Spans_follow_the_conventions_for_agents_and_tools()
    {
        var spans = new List<Activity>();
        using var tracing = Sdk.CreateTracerProviderBuilder().AddSource(RequestTelemetry.SourceName).AddInMemoryExporter(spans).Build();
        await using (var server = await RunningServer.StartAsync(fixture.Folder, models: new() { Name = "spanned" }, agents: fixture.Agents))
        {
            await server.AskAsync("/v1/agents/spanned/run", Ask());
        }

        tracing.ForceFlush();
        var agent = Assert.Single(spans, span => span.DisplayName == "invoke_agent spanned");
        Assert.Equal((ActivityKind.Server, "spanned"), (agent.Kind, agent.GetTagItem("gen_ai.agent.name")));
        var within = spans.Where(span => span.ParentSpanId == agent.SpanId && span.TraceId == agent.TraceId).ToArray();
        Assert.Equal(["chat spanned", "execute_tool calculate", "chat spanned"], within.Select(span => span.DisplayName));
        Assert.Equal("calculate", within[1].GetTagItem("gen_ai.tool.name"));
        Assert.Equal(
            within.Sum(span => span.GetTagItem("gen_ai.usage.output_tokens") as int? ?? 0), agent.GetTagItem("gen_ai.usage.output_tokens"));
    }

    [Fact]
    public async Task A_server_without_agents_says_so()
    {
        await using var server = await RunningServer.StartAsync(fixture.Folder);

        Assert.Empty(JsonNode.Parse(await server.Http.GetStringAsync("/v1/agents", Cancellation))!["data"]!.AsArray());
        var (status, body) = await server.PostAsync(Run, Ask());
        Assert.Equal((404, "agent_not_found"), (status, (string?)body["error"]!["code"]));
    }

    private static string Said(JsonNode of)
    {
        var turn = of.DeepClone().AsObject();
        foreach (var member in new[] { "generated", "id", "created", "seconds", "usage" })
        {
            turn.Remove(member);
        }

        return turn.ToJsonString();
    }

    private static JsonObject Ask(string member = "temperature", object? value = null)
    {
        var request = new JsonObject { ["question"] = "6-2?", ["temperature"] = 0 };
        if (value is not null)
        {
            request[member] = JsonValue.Create(value);
        }
        else if (member != "temperature")
        {
            request.Remove(member);
        }

        return request;
    }
}
