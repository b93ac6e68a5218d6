using Microsoft.Extensions.AI;
using Rebound.Agents.Tools;

namespace Rebound.Agents.Episodes;

/// <summary>
/// The ReAct loop (Yao et al. 2023, arXiv 2210.03629): the model thinks and acts, the tool's reply is observed, until the
/// model finishes or fails. Every failure ends the run with its cause and the turn that failed; nothing but cancellation, and a
/// <see cref="ToolServerException"/>, which is no failure of the agent, leaves the loop as an exception.
/// </summary>
/// <param name="tools">Null for a model that just answers, in one turn.</param>
/// <param name="observer">Sees turns as they are written, which are streamed then; null for whole turns.</param>
public sealed class AgentLoop(
    IChatClient model, ToolSet? tools, EpisodeOptions options, TimeProvider time, IAgentObserver? observer = null)
{
    /// <summary>What a tool's reply begins with.</summary>
    public const string Observation = "Observation: ";

    /// <summary>What the agent observes after its answer.</summary>
    public const string Finished = Observation + "Episode finished";

    private const string Stop = "\n" + Observation;

    private readonly ModelTurn _turn = new(model, observer);

    /// <summary>Works until the run has ended.</summary>
    /// <param name="cancellation">Gives the work up.</param>
    public async Task RunAsync(AgentRun run, CancellationToken cancellation = default)
    {
        using var limit = options.Timeout is { } timeout ? new CancellationTokenSource(timeout, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            while (!run.HasEnded)
            {
                await (tools is null ? AnswerAsync(run, either.Token) : StepAsync(run, tools, either.Token));
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            run.Fail(FailureCause.Timeout, $"the episode took longer than {options.Timeout}.");
        }
    }

    private async Task AnswerAsync(AgentRun run, CancellationToken cancellation)
    {
        if (await _turn.AskAsync(run, options, stop: null, end: null, cancellation) is { } reply)
        {
            Say(run, reply.Text);
            run.Finish(reply.Text);
        }
    }

    private async Task StepAsync(AgentRun run, ToolSet known, CancellationToken cancellation)
    {
        if (run.Steps == options.StepLimit)
        {
            run.Fail(FailureCause.StepLimit, $"the agent did not finish within {options.StepLimit} turns.");
            return;
        }

        if (await _turn.AskAsync(run, options, Stop, IsTolerant ? text => TolerantActions.CertainEnd(text, known.ActionNames) : null, cancellation) is not { } reply)
        {
            return;
        }

        var turn = IsTolerant ? TolerantActions.Parse(reply.Text, known.ActionNames) : ReferenceActions.Parse(reply.Text);
        Say(run, IsTolerant ? TolerantActions.UpToAction(reply.Text, turn) : reply.Text);
        if (!turn.IsWellFormed)
        {
            var refused = reply.IsFiltered || Refusals.Is(reply.Text);
            run.Fail(
                refused ? FailureCause.Refusal : FailureCause.MalformedAction,
                refused ? null : "the turn has no action of the form tool[argument].");
        }
        else if (turn.Finishes)
        {
            Observe(run, Finished);
            run.Finish(turn.Argument!);
        }
        else
        {
            await ActAsync(run, turn, known, cancellation);
        }
    }

    private bool IsTolerant => options.Parsing == ActionParsing.Tolerant;

    private async Task ActAsync(AgentRun run, ParsedTurn turn, ToolSet known, CancellationToken cancellation)
    {
        if (known.Find(turn.Tool!) is not { } tool)
        {
            run.Fail(FailureCause.UnknownTool, $"there is no tool '{turn.Tool}'; there are {string.Join(", ", known.ActionNames)}.");
            return;
        }

        try
        {
            Observe(run, Observation + await tool.ActAsync(turn.Argument!, cancellation));
        }
        catch (ToolArgumentException e)
        {
            Observe(run, $"{Observation}Error: {e.Message}");
        }
        catch (Exception e) when (e is ToolException || (!cancellation.IsCancellationRequested && e is not (OutOfMemoryException or ToolServerException)))
        {
            run.Fail(FailureCause.ToolError, e.Message);
        }
    }

    private void Say(AgentRun run, string text)
    {
        var turn = run.Say(text);
        observer?.Said(turn);
    }

    private void Observe(AgentRun run, string text)
    {
        var turn = run.Observe(text);
        observer?.Observed(turn);
    }
}
