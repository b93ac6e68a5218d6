using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// Tells reasoning from text where a server does not: between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>, or before a
/// <c>&lt;/think&gt;</c> whose beginning stood in the prompt. What a server tells apart itself is left as it is.
/// </summary>
internal sealed class ReasoningModel(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var message in response.Messages)
        {
            var reader = new Reader();
            message.Contents = [.. ReasoningEndContent.Settle([.. reader.Read(message.Contents), .. reader.End()])];
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reader = new Reader();
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            update.Contents = [.. reader.Read(update.Contents)];
            yield return update;
        }

        if (reader.End().ToArray() is { Length: > 0 } rest)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, rest);
        }
    }

    /// <summary>One answer.</summary>
    private sealed class Reader
    {
        private readonly TurnParser _parser = new(TurnSyntax.Reasoned, readsCalls: false);
        private bool _isTold;

        public IEnumerable<AIContent> Read(IList<AIContent> contents)
        {
            _isTold |= contents.OfType<TextReasoningContent>().Any();
            return _isTold
                ? contents
                : contents.SelectMany(content =>
                    content is TextContent text ? _parser.Append(text.Text).Select(ReasoningEndContent.Of) : [content]);
        }

        public IEnumerable<AIContent> End() => _parser.Finish().Select(ReasoningEndContent.Of);
    }
}
