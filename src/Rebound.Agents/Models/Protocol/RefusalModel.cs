using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// Adds to a streamed answer what it declines with, as whole answers have it: an <see cref="ErrorContent"/> of the code <c>Refusal</c>,
/// at its end.
/// </summary>
internal sealed class RefusalModel(IChatClient inner) : DelegatingChatClient(inner)
{
    private const string Code = "Refusal";

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (refusal, isTold) = (new StringBuilder(), false);
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            refusal.Append((update.RawRepresentation as StreamingChatCompletionUpdate)?.RefusalUpdate);
            isTold |= update.Contents.OfType<ErrorContent>().Any();
            yield return update;
        }

        if (refusal.Length > 0 && !isTold)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new ErrorContent(refusal.ToString()) { ErrorCode = Code }]);
        }
    }
}
