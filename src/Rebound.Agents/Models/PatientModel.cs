using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Models;

/// <summary>A model that is waited for so long and no longer, however its server keeps the connection alive.</summary>
/// <param name="patience">How long an answer may take; a piece of a streamed one may take as long, and all of it
/// <see cref="Pieces"/> times as long.</param>
internal sealed class PatientModel(IChatClient inner, TimeSpan patience) : DelegatingChatClient(inner)
{
    /// <summary>A streamed answer may take this many times the time of one that comes whole: it can be seen to go on.</summary>
    private const int Pieces = 10;

    /// <exception cref="TimeoutException">There was no answer in time.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await base.GetResponseAsync(messages, options, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the server did not answer within {patience.TotalSeconds:0.#} s.", e);
        }
    }

    /// <exception cref="TimeoutException">A piece did not come in time, or the answer did not end.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var whole = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        whole.CancelAfter(patience * Pieces);
        using var piece = CancellationTokenSource.CreateLinkedTokenSource(whole.Token);
        await using var updates = base.GetStreamingResponseAsync(messages, options, piece.Token).GetAsyncEnumerator(piece.Token);
        while (await MoveNextAsync())
        {
            yield return updates.Current;
        }

        async Task<bool> MoveNextAsync()
        {
            piece.CancelAfter(patience);
            try
            {
                var isMore = await updates.MoveNextAsync();
                piece.CancelAfter(Timeout.InfiniteTimeSpan);
                return isMore;
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException(
                    whole.IsCancellationRequested
                        ? $"the server's answer did not end within {patience.TotalSeconds * Pieces:0.#} s."
                        : $"the server was silent for {patience.TotalSeconds:0.#} s.",
                    e);
            }
        }
    }
}
