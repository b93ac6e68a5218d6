using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Testing;
using Rebound.Trajectories;

namespace Rebound.Agents.Tests.Tools;

/// <summary>The server of <c>cases/agents/mcp</c>.</summary>
public sealed class McpCaseTests
{
    [Theory]
    [InlineData("getSum", """{"a": 2, "b": 3}""", """getSum got {"a":2,"b":3}""")]
    [InlineData("web.search", "Ulm [on the Danube]", """web.search got {"q":"Ulm [on the Danube]"}""")]
    [InlineData("Read_File", "/tmp/a.txt", """Read_File got {"path":"/tmp/a.txt"}""")]
    [InlineData("structured", "", """{"answer":5}""")]
    [InlineData("resource", "", "inside resource")]
    [InlineData("image", "", "[an image (image/png), which cannot be shown as text]")]
    [InlineData("fail", "", "Error: no such file")]
    [InlineData("list", "[1, 2.5]", """list got {"items":[1,2.5]}""")]
    [InlineData("opt", """{"b": "x"}""", """opt got {"b":"x"}""")]
    public async Task A_tool_is_observed(string tool, string argument, string expected)
    {
        await using var server = await StartAsync();

        Assert.Equal(expected, await new ToolSet(server.Tools).Find(tool)!.ActAsync(argument, Cancellation));
    }

    [Theory]
    [InlineData("rpcerror", "", "Invalid arguments")]
    [InlineData("noargs", "something", "noargs takes no argument; call it as noargs[].")]
    [InlineData("getSum", "2 and 3", "getSum takes a JSON object with a, b; this is none: 2 and 3")]
    public async Task A_wrong_argument_is_observed_as_a_sentence(string tool, string argument, string expected)
    {
        await using var server = await StartAsync();

        Assert.Equal(
            expected,
            (await Assert.ThrowsAsync<ToolArgumentException>(() =>
                new ToolSet(server.Tools).Find(tool)!.ActAsync(argument, Cancellation))).Message);
    }

    [Theory]
    [InlineData(ActionParsing.Tolerant)]
    [InlineData(ActionParsing.Reference)]
    public async Task Every_name_is_called_in_an_episode(ActionParsing parsing)
    {
        await using var server = await StartAsync("noise");

        var episode = await TryAsync(
            server, parsing, "Thought: a\nAction: web.search[Ulm]", "Thought: b\nAction: Read_File[a.txt]",
            "Thought: c\nAction: getSum[{\"a\": 1, \"b\": 2}]",
            "Thought: d\nAction: noargs[something]", "Thought: e\nAction: finish[yes]");

        Assert.True(episode.Succeeded, episode.Detail);
        Assert.Equal(
            [
                """Observation: web.search got {"q":"Ulm"}""", """Observation: Read_File got {"path":"a.txt"}""",
                """Observation: getSum got {"a":1,"b":2}""",
                "Observation: Error: noargs takes no argument; call it as noargs[].", "Observation: Episode finished",
            ],
            episode.Turns.Where(turn => turn.Role == Roles.User).Select(turn => turn.Content));
    }

    [Fact]
    public async Task A_slow_tool_ends_the_episode_and_not_the_server()
    {
        await using var server = await StartAsync();

        var slow = await TryAsync(server, ActionParsing.Tolerant, "Action: slow[]");
        var next = await TryAsync(server, ActionParsing.Tolerant, "Action: resource[]", "Action: finish[yes]");

        Assert.Equal((FailureCause.ToolError, "the tool slow gave no answer within 2 s."), (slow.Cause, slow.Detail));
        Assert.True(next.Succeeded);
    }

    [Fact]
    public async Task A_server_that_dies_stops_the_run()
    {
        await using var server = await StartAsync();

        var error = await Assert.ThrowsAsync<ToolServerException>(() => TryAsync(server, ActionParsing.Tolerant, "Action: die[]"));
        var again = await Assert.ThrowsAsync<ToolServerException>(() => TryAsync(server, ActionParsing.Tolerant, "Action: resource[]"));

        Assert.Contains("srv.mjs is gone while die was called: it ended with exit code 3.", error.Message);
        Assert.Contains("srv.mjs is gone while resource was called: it ended with exit code 3.", again.Message);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<McpTools> StartAsync(params string[] arguments)
    {
        var words = NodeServer.Case(arguments);
        return McpTools.StartAsync(
            words[0], words[1..], new McpStartOptions { Limits = new McpLimits { CallPatience = TimeSpan.FromSeconds(2) } }, Cancellation);
    }

    private static Task<Episode> TryAsync(McpTools server, ActionParsing parsing, params string[] turns) => new EpisodeRunner(
        new ScriptedModel(said => turns[said.Count(message => message.Role == ChatRole.Assistant)]),
        new ToolSet(server.Tools), new YesNoScorer(),
        new EpisodeOptions { Parsing = parsing }, TimeProvider.System)
        .RunAsync(new TaskQuestion(1, "?", true), [], Cancellation);
}
