using Rebound.Agents.Tools;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Episodes.Protocols;

/// <summary>Thoughts and actions as text, observations as the user's turns (Yao et al. 2023, arXiv 2210.03629).</summary>
internal sealed class ReactProtocol(
    ModelTurn model, ToolSet tools, EpisodeOptions options, IAgentObserver? observer) : TurnProtocol(observer)
{
    private const string Stop = "\n" + AgentLoop.Observation;

    private bool IsTolerant => options.Parsing == ActionParsing.Tolerant;

    public override async Task StepAsync(AgentRun run, CancellationToken cancellation)
    {
        var request =
            new TurnRequest { Stop = Stop, End = IsTolerant ? text => TolerantActions.CertainEnd(text, tools.ActionNames) : null };
        if (IsOver(run, options) || await model.AskAsync(run, options, request, cancellation) is not { } reply)
        {
            return;
        }

        var turn = IsTolerant ? TolerantActions.Parse(reply.Text, tools.ActionNames) : ReferenceActions.Parse(reply.Text);
        Say(run, IsTolerant ? reply.Turn with { Content = TolerantActions.UpToAction(reply.Text, turn) } : reply.Turn);
        if (!turn.IsWellFormed || (reply.IsCut && IsOpen(reply.Text)))
        {
            var (cause, detail) = reply.Failure(FailureCause.MalformedAction, reply.Turn.ToolCalls.Count > 0
                ? "the model called a tool natively, and was asked for actions as text."
                : "the turn has no action of the form tool[argument].");
            run.Fail(cause, detail);
        }
        else if (turn.Finishes)
        {
            Observe(run, AgentLoop.Finished);
            run.Finish(turn.Argument!);
        }
        else
        {
            await ActAsync(run, turn, cancellation);
        }
    }

    /// <summary>Whether the text may have gone on within its action.</summary>
    private bool IsOpen(string text) =>
        IsTolerant ? TolerantActions.CertainEnd(text, tools.ActionNames) is null : !text.AsSpan().TrimEnd().EndsWith("]");

    private async Task ActAsync(AgentRun run, ParsedTurn turn, CancellationToken cancellation)
    {
        if (tools.Find(turn.Tool!) is not { } tool)
        {
            run.Fail(FailureCause.UnknownTool, $"there is no tool '{turn.Tool}'; there are {string.Join(", ", tools.ActionNames)}.");
            return;
        }

        try
        {
            Observe(run, AgentLoop.Observation + await tool.ActAsync(turn.Argument!, cancellation));
        }
        catch (ToolArgumentException e)
        {
            Observe(run, $"{AgentLoop.Observation}Error: {e.Message}");
        }
        catch (Exception e) when (ToolInvocation.IsToolsOwn(e, cancellation))
        {
            run.Fail(FailureCause.ToolError, e.Message);
        }
    }
}
