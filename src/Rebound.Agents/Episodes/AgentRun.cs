using Microsoft.Extensions.AI;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Episodes;

/// <summary>The state of an agent's work on one question.</summary>
/// <param name="prompt">The turns that ask the question.</param>
public sealed class AgentRun(IReadOnlyList<Turn> prompt)
{
    private readonly List<ChatMessage> _messages = [.. prompt.Select(ChatMessages.ToMessage)];
    private readonly List<Turn> _turns = [];

    /// <summary>The agent's turns, in the loss, and the observations; the prompt is not among them.</summary>
    public IReadOnlyList<Turn> Turns => _turns;

    /// <summary>The number of the agent's turns so far.</summary>
    public int Steps { get; private set; }

    /// <summary>The agent's final answer; null if it gave none.</summary>
    public string? Answer { get; private set; }

    /// <summary>Why it ended without an answer; null if it did not.</summary>
    public FailureCause? Cause { get; private set; }

    /// <summary>A description of the failure, where there is more to say than the cause.</summary>
    public string? Detail { get; private set; }

    /// <summary>Tokens that the model read, where it counts them.</summary>
    public long InputTokens { get; private set; }

    /// <summary>Tokens that the model wrote, where it counts them.</summary>
    public long OutputTokens { get; private set; }

    public bool HasEnded => Answer is not null || Cause is not null;

    internal IReadOnlyList<ChatMessage> Messages => _messages;

    internal void Say(Turn turn)
    {
        Steps++;
        Observe(turn);
    }

    internal void Observe(Turn turn)
    {
        _turns.Add(turn);
        _messages.Add(ChatMessages.ToMessage(turn));
    }

    internal void Count(UsageDetails? usage)
    {
        InputTokens += usage?.InputTokenCount ?? 0;
        OutputTokens += usage?.OutputTokenCount ?? 0;
    }

    internal void Finish(string answer) => Answer = answer;

    internal void Fail(FailureCause cause, string? detail) => (Cause, Detail) = (cause, detail);
}
