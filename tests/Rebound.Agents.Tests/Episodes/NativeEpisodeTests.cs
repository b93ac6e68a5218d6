using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tests.Chat;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Episodes;

/// <summary>Agents that call their tools natively.</summary>
public sealed class NativeEpisodeTests
{
    private static readonly TaskQuestion Question = new(JsonValue.Create(7), "6 eggs, 2 eaten?", JsonValue.Create("#### 4"));
    private static readonly Turn[] Prompt = [new(Roles.User, "6 eggs, 2 eaten?", Loss: false)];
    private static readonly EpisodeOptions Native = new() { ToolFormat = ToolFormat.Native, StepLimit = 4 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agent_calls_observes_and_finishes(bool streamed)
    {
        var model = new ScriptedContents(
            [Call("c1", "calculate", ("expression", "6-2"))],
            [new TextReasoningContent("Done."), new TextContent("It is 4."), Call("c2", "finish", ("answer", "4"))]);
        var observer = streamed ? new RecordingObserver() : null;
        var run = await Run(model, observer: observer);

        Assert.Equal("4", run.Answer);
        Assert.Equal(
            [
                """assistant:  calculate#c1{"expression":"6-2"}""", "tool: 4 tool_call_id=c1",
                """assistant: It is 4. finish#c2{"answer":"4"} reasoning_content=Done.""", "tool: Episode finished tool_call_id=c2",
            ],
            run.Turns.Select(Shown));
        Assert.Equal([true, false, true, false], run.Turns.Select(turn => turn.Loss));
        Assert.Equal(["calculate", "finish"], model.Asked[0].Tools!.Select(tool => tool.Name));
        Assert.Equal(streamed ? "Done." : null, observer?.Reasoning);
    }

    [Fact]
    public async Task A_turn_without_calls_is_the_answer()
    {
        var run = await Run(new ScriptedContents([new TextContent(" It is 4.\n")]));
        Assert.Equal(("It is 4.", 1), (run.Answer, run.Turns.Count));
    }

    [Fact]
    public async Task Several_calls_run_at_once_and_their_results_come_in_order()
    {
        var second = new TaskCompletionSource<string>();
        var tools = new ToolSet(
            AIFunctionFactory.Create(async (string of) => $"{of} after {await second.Task}", "slow"),
            AIFunctionFactory.Create((string of) =>
            {
                second.SetResult(of);
                return of;
            }, "quick"));
        var model = new ScriptedContents(
            [Call("a", "slow", ("of", "one")), Call("b", "quick", ("of", "two"))],
            [Call("c", "finish", ("answer", "x")), Call("d", "slow", ("of", "three"))]);
        var run = await Run(model, tools);

        Assert.Equal(
            ["one after two", "two", "Episode finished", "three after two"],
            run.Turns.Where(turn => turn.Role == Roles.Tool).Select(turn => turn.Content));
        Assert.Equal("x", run.Answer);
    }

    [Fact]
    public async Task Faults_of_calls_are_observed_and_can_be_mended()
    {
        var model = new ScriptedContents(
            [ToolCalls.ToContent(new ToolCall("a", "calculate", "{\"expression\": 6-2}")), Call("b", "guess", ("x", 1)),
                Call("c", "calculate", ("expression", 5))],
            [Call("d", "calculate"), Call("e", "finish")],
            [Call("f", "finish", ("answer", 4))]);
        var run = await Run(model);

        Assert.True(run.Answer == "4", run.Detail);
        var results = run.Turns.Where(turn => turn.Role == Roles.Tool).ToArray();
        Assert.Equal(
            ["invalid JSON", "unknown tool", "invalid arguments", "invalid arguments", "invalid arguments", null],
            results.Select(turn => turn.Members.TryGetValue(CallFaults.Member, out var fault) ? fault.GetString() : null));
        Assert.Contains("not valid JSON", results[0].Content);
        Assert.Equal("Error: there is no tool 'guess'; there are calculate, finish.", results[1].Content);
        Assert.Contains("expression: Value is \"integer\" but should be \"string\"", results[2].Content);
        Assert.Contains("expression", results[3].Content);
        Assert.Contains("\"answer\"", results[4].Content);
        Assert.Equal("{\"expression\": 6-2}", run.Turns[0].ToolCalls[0].Arguments);
    }

    [Fact]
    public async Task Calls_without_an_id_get_one_that_templates_take()
    {
        var run = await Run(
            new ScriptedContents(
                [Call("", "calculate", ("expression", "1")), Call("", "calculate", ("expression", "2"))],
                [Call("", "finish", ("answer", "2"))]));
        Assert.Equal(["call00001", "call00002", "call00003"], run.Turns.SelectMany(turn => turn.ToolCalls).Select(call => call.Id));
        Assert.Equal(
            ["call00001", "call00002", "call00003"],
            run.Turns.Where(turn => turn.Role == Roles.Tool).Select(turn => turn.Members["tool_call_id"].GetString()));
    }

    [Theory]
    [InlineData("length", "Wait", "token limit")]
    [InlineData("length", "", "token limit")]
    [InlineData("stop", "", "empty answer")]
    [InlineData("stop", "  \n", "empty answer")]
    [InlineData("content_filter", "", "refusal")]
    [InlineData("stop", "I'm sorry, I can't do that.", "refusal")]
    public async Task What_is_no_answer_has_its_cause_and_an_empty_turn_is_not_learned(string finish, string text, string cause)
    {
        var run = await Run(new ScriptedContents([new TextContent(text)]) { Finish = new ChatFinishReason(finish) });
        Assert.Equal(cause, run.Cause?.Name());
        Assert.Equal(!string.IsNullOrWhiteSpace(text), Assert.Single(run.Turns).Loss);
    }

    [Fact]
    public async Task A_call_that_is_cut_off_is_not_made()
    {
        var run = await Run(new ScriptedContents([Call("a", "calculate", ("expression", "1"))]) { Finish = ChatFinishReason.Length });
        Assert.Equal((FailureCause.TokenLimit, 1), (run.Cause, run.Turns.Count));
    }

    [Fact]
    public async Task Reasoning_alone_says_so()
    {
        var run = await Run(new ScriptedContents([new TextReasoningContent("Hm.")]));
        Assert.Equal((FailureCause.EmptyAnswer, "the model reasoned and said nothing."), (run.Cause, run.Detail));
        Assert.False(run.Turns[0].Loss);
    }

    [Fact]
    public async Task A_tool_that_fails_ends_the_episode_and_a_server_that_is_gone_the_run()
    {
        var broken = new ToolSet(AIFunctionFactory.Create(string () => throw new ToolException("it is broken."), "broken"));
        var run = await Run(new ScriptedContents([Call("a", "broken")]), broken);
        Assert.Equal((FailureCause.ToolError, "it is broken."), (run.Cause, run.Detail));

        var gone = new ToolSet(AIFunctionFactory.Create(string () => throw new ToolServerException("it is gone."), "gone"));
        await Assert.ThrowsAsync<ToolServerException>(() => Run(new ScriptedContents([Call("a", "gone")]), gone));
    }

    [Fact]
    public async Task The_tools_that_a_model_learned_with_are_told_word_for_word()
    {
        var learned = JsonSerializer.SerializeToElement(
            new[]
            {
                new { function = new { parameters = new { type = "object" }, name = "calculate", strict = true }, type = "function" },
            });
        var model = new ScriptedContents([new TextContent("4")]);
        await Run(model, options: Native with { ToolSchemas = learned });
        Assert.Equal(learned.GetRawText(), ToolSchemas.Of(model.Asked[0].Tools!).GetRawText());
    }

    [Fact]
    public async Task An_episode_is_a_row_with_its_calls_and_tools_and_reads_back()
    {
        var model = new ScriptedContents([Call("c1", "calculate", ("expression", "6-2"))], [Call("c2", "finish", ("answer", "4"))]);
        var episode = await new EpisodeRunner(model, new ToolSet(new CalculateTool()), new MathScorer(), Native, TimeProvider.System)
            .RunAsync(Question, Prompt, TestContext.Current.CancellationToken);

        var row = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(episode.ToTrajectory());
        var read = TrajectoryFile.ReadRow(JsonSerializer.SerializeToElement(row), "row", 1);

        Assert.True(read.Outcome.Success);
        Assert.Equal(episode.Turns, read.Turns);
        Assert.Equal(
            ["calculate", "finish"],
            read.Tools!.Value.EnumerateArray().Select(tool => tool.GetProperty("function").GetProperty("name").GetString()));
    }

    private static async Task<AgentRun> Run(
        ScriptedContents model, ToolSet? tools = null, EpisodeOptions? options = null, IAgentObserver? observer = null)
    {
        var run = new AgentRun(Prompt);
        await new AgentLoop(model, tools ?? new ToolSet(new CalculateTool()), options ?? Native, TimeProvider.System, observer)
            .RunAsync(run, TestContext.Current.CancellationToken);
        return run;
    }

    private static FunctionCallContent Call(string id, string name, params (string Name, object Value)[] arguments) =>
        new(id, name, arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value));

    private static string Shown(Turn turn) =>
        $"{turn.Role}: {turn.Content}"
        + string.Concat(turn.ToolCalls.Select(call => $" {call.Name}#{call.Id}{call.Arguments}"))
        + string.Concat(turn.Members.Select(member => $" {member.Key}={member.Value}"));
}
