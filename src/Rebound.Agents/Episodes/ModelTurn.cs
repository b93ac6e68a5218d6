using Microsoft.Extensions.AI;
using Rebound.Agents.Models;

namespace Rebound.Agents.Episodes;

/// <summary>Asks a model for its next turn: as a whole, or as it is written where somebody looks on.</summary>
internal sealed class ModelTurn(IChatClient model, IAgentObserver? observer)
{
    /// <summary>
    /// Whether what it writes may turn out to be reasoning: a checkpoint's prompt shows whether it opened any, and a server's does not.
    /// </summary>
    private readonly bool _mayReasonUnseen = model.GetService(typeof(EndpointPool)) is not null;

    /// <summary>The model's reply; null where the run has ended because there is none.</summary>
    public async Task<Reply?> AskAsync(AgentRun run, EpisodeOptions options, TurnRequest request, CancellationToken cancellation)
    {
        var asked = new ChatOptions
        {
            Temperature = options.Temperature,
            MaxOutputTokens = options.MaxOutputTokens,
            StopSequences = request.Stop is { } stop ? [stop] : null,
            Seed = options.Seed is { } seed ? seed + run.Steps : null,
            Tools = request.Tools is { } tools ? [.. tools] : null,
            ToolMode = request.Tools is null ? null : ChatToolMode.Auto,
        };
        try
        {
            var reply = observer is null
                ? await WholeAsync(run, asked, request.Stop, cancellation)
                : await StreamedAsync(run, asked, request, observer, cancellation);
            return options.KeepsTokens ? reply : reply with { Turn = reply.Turn with { Generated = null } };
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is not OutOfMemoryException)
        {
            run.Fail(FailureCause.ModelError, e.Message);
            return null;
        }
    }

    private async Task<Reply> WholeAsync(AgentRun run, ChatOptions asked, string? stop, CancellationToken cancellation)
    {
        var response = await model.GetResponseAsync(run.Messages, asked, cancellation);
        run.Count(response.Usage);
        var reply = Reply.Of(response.Messages.SelectMany(message => message.Contents), response.FinishReason);
        if (stop is null || reply.Text.IndexOf(stop, StringComparison.Ordinal) is var end && end < 0)
        {
            return reply;
        }

        // What is behind the stop text is not said, and so not cut off either.
        return reply with { Turn = reply.Turn with { Content = reply.Text[..end] }, Finish = ChatFinishReason.Stop };
    }

    private async Task<Reply> StreamedAsync(
        AgentRun run, ChatOptions asked, TurnRequest request, IAgentObserver looking, CancellationToken cancellation)
    {
        looking.Asked();
        var (turn, finish) = (new StreamedTurn(request, looking), default(ChatFinishReason?));
        await foreach (var update in model.GetStreamingResponseAsync(run.Messages, asked, cancellation))
        {
            finish = update.FinishReason ?? finish;
            foreach (var content in update.Contents)
            {
                if (content is UsageContent usage)
                {
                    run.Count(usage.Details);
                }
                else
                {
                    turn.Take(content);
                }
            }

            if (turn.HasEnded && !_mayReasonUnseen)
            {
                break;
            }
        }

        return Reply.Of(turn.End(), turn.HasEnded ? ChatFinishReason.Stop : finish);
    }
}
