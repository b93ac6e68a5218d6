using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Chat;

/// <summary>
/// Copies of a model on several devices as one chat model: a conversation stays on the device that it began on, which keeps its keys and
/// values, and begins on the one with the fewest at that time, so that a slow device has fewer. Safe to use from several threads.
/// </summary>
/// <param name="copies">Owned.</param>
internal sealed class ReplicatedChatModel(IReadOnlyList<LocalChatModel> copies) : IChatClient, IChatPlaces
{
    private readonly Lock _lock = new();
    private readonly int[] _underWay = new int[copies.Count];

    public ChatPlace Take()
    {
        lock (_lock)
        {
            var place = Array.IndexOf(_underWay, _underWay.Min());
            _underWay[place]++;
            return new ChatPlace(copies[place], () => Leave(place));
        }
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var place = Take();
        return await place.Client.GetResponseAsync(messages, options, cancellationToken);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var place = Take();
        await foreach (var update in place.Client.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        foreach (var copy in copies)
        {
            copy.Dispose();
        }
    }

    private void Leave(int place)
    {
        lock (_lock)
        {
            _underWay[place]--;
        }
    }
}
