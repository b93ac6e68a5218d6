using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tests.Chat;

/// <summary>A model whose turns a function writes, streamed in pieces of a few characters.</summary>
internal sealed class StreamingModel(Func<IReadOnlyList<ChatMessage>, ChatOptions?, string> answer, int piece = 3) : IChatClient
{
    /// <summary>Characters that were streamed, over all turns.</summary>
    public int Streamed { get; private set; }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer([.. messages], options))));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var text = answer([.. messages], options);
        for (var start = 0; start < text.Length; start += piece)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            var part = text.Substring(start, Math.Min(piece, text.Length - start));
            Streamed += part.Length;
            yield return new ChatResponseUpdate(
                ChatRole.Assistant, [new TextContent(part), new UsageContent(new UsageDetails { OutputTokenCount = 1 })]);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
