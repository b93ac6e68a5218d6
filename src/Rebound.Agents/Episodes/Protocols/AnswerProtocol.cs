namespace Rebound.Agents.Episodes.Protocols;

/// <summary>A model without tools, which answers in one turn.</summary>
internal sealed class AnswerProtocol(ModelTurn model, EpisodeOptions options, IAgentObserver? observer) : TurnProtocol(observer)
{
    public override async Task StepAsync(AgentRun run, CancellationToken cancellation)
    {
        if (await model.AskAsync(run, options, new TurnRequest(), cancellation) is not { } reply)
        {
            return;
        }

        Say(run, reply.Turn);
        if (reply.IsEmpty || reply.IsCut)
        {
            var (cause, detail) = reply.Failure(FailureCause.EmptyAnswer, "the model said nothing.");
            run.Fail(cause, cause == FailureCause.TokenLimit ? "the answer was cut off." : detail);
        }
        else
        {
            run.Finish(reply.Text);
        }
    }
}
