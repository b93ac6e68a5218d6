using Microsoft.Extensions.AI;
using Rebound.Trajectories;

namespace Rebound.Inference.Chat;

/// <summary>A local checkpoint for one conversation, drawn away from how it would go after another prompt.</summary>
internal sealed class GuidedChatModel(LocalChatModel model, int prompt, IReadOnlyList<Turn> opposite, float weight) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        LocalChatModel.AnswerAsync(Submit(messages, options, cancellationToken));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        LocalChatModel.StreamAsync(Submit(messages, options, cancellationToken), cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => model.GetService(serviceType, serviceKey);

    /// <summary>Does nothing: the model serves other conversations too.</summary>
    public void Dispose()
    {
    }

    private ChatAnswer Submit(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellation)
    {
        var turns = LocalChatModel.Turns(messages);
        return model.Submit(turns, [.. opposite, .. turns.Skip(prompt)], weight, options, cancellation);
    }
}
