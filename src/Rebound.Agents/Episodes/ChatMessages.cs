using Microsoft.Extensions.AI;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>
/// Turns as chat messages and back. A message remembers whether the model said it itself, which a local checkpoint needs to
/// be asked exactly as it was trained.
/// </summary>
public static class ChatMessages
{
    private const string Loss = "loss";

    public static ChatMessage ToMessage(Turn turn) => new(new ChatRole(turn.Role), turn.Content)
    {
        AdditionalProperties = turn.Loss ? new() { [Loss] = true } : null,
    };

    /// <summary>The turn of a message; what is no text in it is left out.</summary>
    public static Turn ToTurn(ChatMessage message) => new(
        message.Role.Value, message.Text, message.AdditionalProperties?.TryGetValue(Loss, out var loss) == true && loss is true);
}
