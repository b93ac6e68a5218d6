using Microsoft.Extensions.AI;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Episodes;

/// <summary>A model's answer to the request for a turn.</summary>
/// <param name="Turn">In the loss, unless it is empty: there is nothing to learn from nothing.</param>
/// <param name="Finish">Why it ended; null where the server does not say.</param>
/// <param name="Refusal">The server's words where the model or its filter refuses to answer; null otherwise.</param>
internal sealed record Reply(Turn Turn, ChatFinishReason? Finish, string? Refusal)
{
    public static Reply Of(IEnumerable<AIContent> contents, ChatFinishReason? finish)
    {
        var all = contents.ToArray();
        var turn = ChatMessages.Said(Roles.Assistant, all, loss: true);
        return new Reply(
            turn with { Loss = turn.ToolCalls.Count > 0 || !string.IsNullOrWhiteSpace(turn.Content) },
            finish,
            all.OfType<ErrorContent>().FirstOrDefault()?.Message);
    }

    public string Text => Turn.Content;

    public bool IsEmpty => !Turn.Loss;

    /// <summary>Whether it ended at the limit of its tokens.</summary>
    public bool IsCut => Finish == ChatFinishReason.Length;

    /// <summary>Why a reply without anything to act on ended the run.</summary>
    /// <param name="otherwise">The cause where no known one applies.</param>
    public (FailureCause Cause, string? Detail) Failure(FailureCause otherwise, string detail) =>
        Refusal is not null || Finish == ChatFinishReason.ContentFilter || Refusals.Is(Text) ? (FailureCause.Refusal, Refusal)
        : IsCut ? (FailureCause.TokenLimit, "the turn was cut off before its action was whole.")
        : IsEmpty ? (FailureCause.EmptyAnswer, Turn.Reasons
            ? "the model reasoned and said nothing."
            : "the model said nothing.")
        : (otherwise, detail);
}
