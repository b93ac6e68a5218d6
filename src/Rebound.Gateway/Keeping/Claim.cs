using Rebound.Gateway.Protocols;

namespace Rebound.Gateway.Keeping;

/// <summary>A request whose answer is awaited, with its place in the tree.</summary>
/// <param name="Scope">The name that the client gave the conversation; null for none.</param>
/// <param name="Start">What the messages are said behind: nothing, or a response.</param>
/// <param name="Keys">The conversation up to each of the messages.</param>
/// <param name="Conversation">The id of the conversation that the answer is going to be of.</param>
/// <param name="IsNew">Whether no answer has this id yet.</param>
/// <param name="Claimed">The answer that it goes on with, for no other request to do so; null for none.</param>
internal sealed record Claim(
    Asked Asked, string? Scope, MessageKey Start, IReadOnlyList<MessageKey> Keys, string Conversation, bool IsNew, MessageKey? Claimed)
{
    /// <summary>
    /// The node of the answer that it goes on with under another system prompt, and which of its messages that is; null where it does not.
    /// </summary>
    public (int From, int At)? Continues { get; init; }
}
