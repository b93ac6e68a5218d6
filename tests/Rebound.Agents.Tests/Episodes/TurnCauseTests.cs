using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Tests.Chat;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tests.Episodes;

/// <summary>Turns of agents that write actions as text, as servers send them: cut off, empty, refused.</summary>
public sealed class TurnCauseTests
{
    private static readonly Turn[] Prompt = [new(Roles.User, "6-2?", Loss: false)];

    [Theory]
    [InlineData("Thought: I take\nAction: calculate[6-", "length", "token limit", false)]
    [InlineData("Thought: I take", "length", "token limit", false)]
    [InlineData("Thought: I take", "stop", "malformed action", false)]
    [InlineData("Action: finish[4]", "length", null, false)]
    [InlineData("Action: finish[4]\nObservation: Ep", "length", null, false)]
    [InlineData("Action: finish[4] and more of it", "length", null, true)]
    [InlineData("Action: calculate[6-2", "length", "token limit", true)]
    [InlineData("", "content_filter", "refusal", false)]
    [InlineData("", "stop", "empty answer", false)]
    [InlineData(" \n", "length", "token limit", false)]
    public async Task A_turn_has_the_cause_that_ended_it(string text, string finish, string? cause, bool streamed)
    {
        var run = await Run(new ScriptedContents([new TextContent(text)]) { Finish = new ChatFinishReason(finish) }, streamed);
        Assert.Equal(cause, run.Cause?.Name());
        Assert.Equal(cause is null ? "4" : null, run.Answer);
        Assert.Equal(!string.IsNullOrWhiteSpace(text), run.Turns[0].Loss);
    }

    [Fact]
    public async Task Reasoning_is_kept_apart_and_never_read_for_actions()
    {
        var run = await Run(new ScriptedContents([new TextReasoningContent("Action: finish[5]"), new TextContent("Action: finish[4]")]));
        Assert.Equal(("4", "Action: finish[4]"), (run.Answer, run.Turns[0].Content));
        Assert.Equal("Action: finish[5]", run.Turns[0].Members[Turn.ReasoningMember].GetString());

        var silent = await Run(new ScriptedContents([new TextReasoningContent("Action: finish[5]")]));
        Assert.Equal((FailureCause.EmptyAnswer, "the model reasoned and said nothing."), (silent.Cause, silent.Detail));
        Assert.False(silent.Turns[0].Loss);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_before_an_end_of_reasoning_is_reasoning_and_never_read_for_actions(bool streamed)
    {
        var model = new ScriptedContents(
            [new TextContent("I could Action: finish[5]\nAction: finish[5]\n"), new TextContent("Or not."), new ReasoningEndContent(),
                new TextContent("Action: finish[4]")]);
        var run = await Run(new EndpointPool([model], attempts: 1, TimeSpan.Zero, TimeProvider.System), streamed);
        Assert.Equal(("4", "Action: finish[4]"), (run.Answer, run.Turns[0].Content));
        Assert.Equal("I could Action: finish[5]\nAction: finish[5]\nOr not.", run.Turns[0].Members[Turn.ReasoningMember].GetString());
    }

    [Fact]
    public async Task A_refusal_that_a_server_tells_apart_is_one_in_its_words()
    {
        var run = await Run(new ScriptedContents([new ErrorContent("Not that.") { ErrorCode = "Refusal" }]));
        Assert.Equal((FailureCause.Refusal, "Not that."), (run.Cause, run.Detail));
        Assert.False(run.Turns[0].Loss);
    }

    [Fact]
    public async Task A_native_call_where_actions_were_asked_for_says_so()
    {
        var run = await Run(new ScriptedContents([new FunctionCallContent("a", "calculate")]));
        Assert.Equal(
            (FailureCause.MalformedAction, "the model called a tool natively, and was asked for actions as text."),
            (run.Cause, run.Detail));
    }

    private static async Task<AgentRun> Run(IChatClient model, bool streamed = false)
    {
        var run = new AgentRun(Prompt);
        await new AgentLoop(
            model, new ToolSet(new CalculateTool()), new EpisodeOptions(), TimeProvider.System, streamed ? new RecordingObserver() : null)
            .RunAsync(run, TestContext.Current.CancellationToken);
        return run;
    }
}
