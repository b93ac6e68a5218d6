using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Rebound.Trajectories.Chat;

/// <summary>Counts the answers of the model that it wraps.</summary>
/// <param name="inner">Not owned.</param>
/// <param name="streams">Whether whole answers are streamed, too, so that their tokens are counted one by
/// one; else they count at their end.</param>
public sealed class MeteredModel(IChatClient inner, ModelMeter meter, bool streams) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (streams)
        {
            return await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
        }

        var isWhole = false;
        meter.Begin();
        try
        {
            var response = await inner.GetResponseAsync(messages, options, cancellationToken);
            Count(response.Usage);
            isWhole = true;
            return response;
        }
        finally
        {
            meter.End(isWhole);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var isWhole = false;
        meter.Begin();
        try
        {
            await foreach (var update in inner.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                foreach (var usage in update.Contents.OfType<UsageContent>())
                {
                    Count(usage.Details);
                }

                yield return update;
            }

            isWhole = true;
        }
        finally
        {
            meter.End(isWhole);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : inner.GetService(serviceType, serviceKey);

    /// <summary>Does nothing: the model is its owner's.</summary>
    public void Dispose()
    {
    }

    private void Count(UsageDetails? usage) => meter.Count(usage?.InputTokenCount ?? 0, usage?.OutputTokenCount ?? 0);
}
