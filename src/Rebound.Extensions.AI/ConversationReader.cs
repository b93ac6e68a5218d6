using Microsoft.Extensions.AI;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Extensions.AI;

/// <summary>Reads a request's messages as turns.</summary>
internal static class ConversationReader
{
    /// <summary>The newer name of the system's role, which chat templates do not know.</summary>
    private const string Developer = "developer";

    private static readonly string[] Known = [Roles.System, Roles.User, Roles.Assistant, Roles.Tool];

    /// <param name="instructions">Those of the request's options, which open the conversation; null for none.</param>
    /// <exception cref="ArgumentException">There are no messages, or one has no known role.</exception>
    /// <exception cref="NotSupportedException">A message holds what this model does not read.</exception>
    public static IReadOnlyList<Turn> Read(IEnumerable<ChatMessage> messages, string? instructions)
    {
        Turn[] turns = [.. messages.SelectMany(TurnsOf)];
        if (turns.Length == 0)
        {
            throw new ArgumentException("There are no messages: they are what the model answers.", nameof(messages));
        }

        if (string.IsNullOrEmpty(instructions))
        {
            return turns;
        }

        // One system turn at most, since few chat templates take more.
        return turns[0].Role == Roles.System
            ? [turns[0] with { Content = $"{instructions}\n\n{turns[0].Content}" }, .. turns[1..]]
            : [new Turn(Roles.System, instructions, Loss: false), .. turns];
    }

    private static IEnumerable<Turn> TurnsOf(ChatMessage message)
    {
        var role = message.Role.Value == Developer ? Roles.System : message.Role.Value;
        if (!Known.Contains(role))
        {
            throw new ArgumentException($"A message has the role '{role}', and must have one of {string.Join(", ", Known)}.");
        }

        if (message.Contents.FirstOrDefault(content => !IsRead(content)) is { } unread)
        {
            throw new NotSupportedException(
                $"A message of the {role} holds {unread.GetType().Name}; this model reads text, reasoning, calls and their results.");
        }

        if (message.Contents.OfType<FunctionResultContent>().Any()
            && message.Contents.OfType<TextContent>().Any(text => text.Text.Length > 0))
        {
            throw new NotSupportedException(
                "A message holds both text and FunctionResultContent; give the results of calls a message of their own.");
        }

        // What the assistant said counts as said by the model itself, as it does in training.
        return ChatMessages.ToTurns(message).Select(turn => turn.Role == Developer ? turn with { Role = role }
            : turn.Role == Roles.Assistant ? turn with { Loss = true } : turn);
    }

    private static bool IsRead(AIContent content) => content is
        TextContent or TextReasoningContent or FunctionCallContent or FunctionResultContent or UsageContent or GeneratedTokensContent
        or ReasoningEndContent;
}
