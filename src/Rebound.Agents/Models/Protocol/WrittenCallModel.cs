using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Rebound.Trajectories;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// Keeps the arguments of a whole answer's calls as the model wrote them: the calls' raw representation is a <see cref="ToolCall"/>.
/// </summary>
internal sealed class WrittenCallModel(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var call in response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>())
        {
            if (call.RawRepresentation is ChatToolCall { FunctionArguments: { } written })
            {
                call.RawRepresentation = new ToolCall(call.CallId, call.Name, written.ToString());
            }
        }

        return response;
    }
}
