using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;

namespace Rebound.Cli.Chat;

/// <summary>Shows a chat.</summary>
internal interface IChatView : IAgentObserver
{
    /// <summary>A question has come to its end.</summary>
    /// <param name="hasTools">Whether the answer is an agent's, apart from what it said.</param>
    void Show(ChatExchange exchange, bool hasTools);

    /// <summary>The turn was stopped.</summary>
    void Stopped();

    /// <summary>Shows the reply to a command.</summary>
    void Reply(string text);
}
