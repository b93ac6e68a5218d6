using Microsoft.Extensions.AI;

namespace Rebound.Traces.Tests;

/// <summary>A model that asks for the weather once, and then tells it.</summary>
internal sealed class ScriptedClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var hasAsked = messages.Any(message => message.Role == ChatRole.Tool);
        AIContent content = hasAsked ? new TextContent("Sunny, 21 degrees.")
            : new FunctionCallContent("call_1", "weather", new Dictionary<string, object?> { ["city"] = "Rome" });
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [content]))
        {
            ResponseId = hasAsked ? "answer-2" : "answer-1",
            ModelId = "scripted",
        });
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
