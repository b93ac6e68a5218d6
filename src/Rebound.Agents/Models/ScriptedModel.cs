using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Models;

/// <summary>A model whose turns come from a function: a teacher that plays episodes, or a test's agent.</summary>
/// <param name="answer">The next turn, given all turns so far.</param>
public sealed class ScriptedModel(Func<IReadOnlyList<ChatMessage>, string> answer) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reply = new ChatMessage(ChatRole.Assistant, answer([.. messages]));
        return Task.FromResult(new ChatResponse(reply) { FinishReason = ChatFinishReason.Stop });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
