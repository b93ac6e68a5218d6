using System.Text;
using Microsoft.Extensions.AI;
using Rebound.Text;

namespace Rebound.Agents.Episodes;

/// <summary>Asks a model for its next turn: as a whole, or as it is written where somebody looks on.</summary>
internal sealed class ModelTurn(IChatClient model, IAgentObserver? observer)
{
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
            return observer is null
                ? await WholeAsync(run, asked, request.Stop, cancellation)
                : await StreamedAsync(run, asked, request, observer, cancellation);
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

    private async Task<Reply> StreamedAsync(AgentRun run, ChatOptions asked, TurnRequest request, IAgentObserver looking, CancellationToken cancellation)
    {
        looking.Asked();
        var (text, filter, others, finish) = (
            new StringBuilder(), new StopStringFilter(request.Stop is { } stop ? [stop] : []), new List<AIContent>(), default(ChatFinishReason?));
        await foreach (var update in model.GetStreamingResponseAsync(run.Messages, asked, cancellation))
        {
            finish = update.FinishReason ?? finish;
            foreach (var content in update.Contents)
            {
                Take(content);
            }

            if (Show(filter.Append(update.Text)) || filter.Stopped)
            {
                return Reply.Of(others.Prepend(new TextContent(text.ToString())), ChatFinishReason.Stop);
            }
        }

        Show(filter.Flush());
        return Reply.Of(others.Prepend(new TextContent(text.ToString())), finish);

        void Take(AIContent content)
        {
            switch (content)
            {
                case UsageContent usage:
                    run.Count(usage.Details);
                    break;
                case TextReasoningContent reasoning:
                    looking.Reasoned(reasoning.Text);
                    others.Add(reasoning);
                    break;
                case FunctionCallContent or ErrorContent:
                    others.Add(content);
                    break;
            }
        }

        // Whether the turn ends with what was added.
        bool Show(string piece)
        {
            var before = text.Length;
            text.Append(piece);
            var last = request.End is { } end && piece.AsSpan().IndexOfAny("])\n") >= 0 ? end(text.ToString()) : null;
            text.Length = last ?? text.Length;
            if (text.Length > before)
            {
                looking.Wrote(text.ToString(before, text.Length - before));
            }

            return last is not null;
        }
    }
}
