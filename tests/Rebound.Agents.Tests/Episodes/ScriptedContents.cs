using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tests.Episodes;

/// <summary>A model that says what a test lays down, turn by turn.</summary>
internal sealed class ScriptedContents(params AIContent[][] turns) : IChatClient
{
    public List<ChatOptions> Asked { get; } = [];

    public ChatFinishReason Finish { get; init; } = ChatFinishReason.Stop;

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Asked.Add(options!);
        return Task.FromResult(
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. turns[Asked.Count - 1]])) { FinishReason = Finish });
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

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
