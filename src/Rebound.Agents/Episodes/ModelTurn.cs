using System.Text;
using Microsoft.Extensions.AI;
using Rebound.Text;

namespace Rebound.Agents.Episodes;

/// <summary>Asks a model for its next turn: as a whole, or as it is written where somebody looks on.</summary>
internal sealed class ModelTurn(IChatClient model, IAgentObserver? observer)
{
    /// <summary>What the model wrote, and whether its server cut it off as unfit.</summary>
    public sealed record Reply(string Text, bool IsFiltered);

    /// <summary>The model's reply; null where the run has ended because there is none.</summary>
    /// <param name="stop">The text that ends a turn, whether the model's server honours it or not; null for none.</param>
    /// <param name="end">Where a turn certainly ends, given its text so far; null while that is open, or for turns that end by themselves.</param>
    public async Task<Reply?> AskAsync(
        AgentRun run, EpisodeOptions options, string? stop, Func<string, int?>? end, CancellationToken cancellation)
    {
        var request = new ChatOptions
        {
            Temperature = options.Temperature,
            MaxOutputTokens = options.MaxOutputTokens,
            StopSequences = stop is null ? null : [stop],
            Seed = options.Seed is { } seed ? seed + run.Steps : null,
        };
        try
        {
            return observer is null
                ? await WholeAsync(run, request, stop, cancellation)
                : await StreamedAsync(run, request, stop, end, observer, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is not OutOfMemoryException)
        {
            run.Fail(FailureCause.ModelError, e.Message);
            return null;
        }
    }

    private async Task<Reply> WholeAsync(AgentRun run, ChatOptions request, string? stop, CancellationToken cancellation)
    {
        var reply = await model.GetResponseAsync(run.Messages, request, cancellation);
        run.Count(reply.Usage);
        return new Reply(stop is null ? reply.Text : reply.Text.Split(stop)[0], reply.FinishReason == ChatFinishReason.ContentFilter);
    }

    private async Task<Reply> StreamedAsync(
        AgentRun run, ChatOptions request, string? stop, Func<string, int?>? end, IAgentObserver looking, CancellationToken cancellation)
    {
        looking.Asked();
        var (text, filter, isFiltered) = (new StringBuilder(), new StopStringFilter(stop is null ? [] : [stop]), false);
        await foreach (var update in model.GetStreamingResponseAsync(run.Messages, request, cancellation))
        {
            foreach (var usage in update.Contents.OfType<UsageContent>())
            {
                run.Count(usage.Details);
            }

            isFiltered |= update.FinishReason == ChatFinishReason.ContentFilter;
            if (Show(filter.Append(update.Text)) || filter.Stopped)
            {
                return new Reply(text.ToString(), isFiltered);
            }
        }

        Show(filter.Flush());
        return new Reply(text.ToString(), isFiltered);

        // Whether the turn ends with what was added.
        bool Show(string piece)
        {
            var before = text.Length;
            text.Append(piece);
            var last = end is not null && piece.AsSpan().IndexOfAny("])\n") >= 0 ? end(text.ToString()) : null;
            text.Length = last ?? text.Length;
            if (text.Length > before)
            {
                looking.Wrote(text.ToString(before, text.Length - before));
            }

            return last is not null;
        }
    }
}
