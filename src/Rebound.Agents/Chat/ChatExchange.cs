using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Chat;

/// <summary>A question of a chat, the agent's work on it, and its answer.</summary>
/// <param name="Before">The model's input before the question, not in the loss: system text,
/// and the conversation as it read it.</param>
/// <param name="Question">As it was typed.</param>
/// <param name="Turns">The agent's turns, in the loss, and its observations.</param>
/// <param name="Answer">The agent's final answer; null for none.</param>
/// <param name="Cause">Why there is no answer.</param>
/// <param name="Detail">A description of the failure, where there is more to say than the cause.</param>
public sealed record ChatExchange(
    IReadOnlyList<Turn> Before, string Question, IReadOnlyList<Turn> Turns, string? Answer, FailureCause? Cause, string? Detail)
{
    /// <summary>The condition that the question was asked under.</summary>
    public required string Condition { get; init; }

    public required float Temperature { get; init; }

    /// <summary>The schemas of the tools that the model was offered natively; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>The weight of guidance; null for none.</summary>
    public float? Guidance { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>The user's verdict; null for none.</summary>
    public bool? Judged { get; init; }

    /// <summary>The outcome: the verdict that it was given, or else a failure where there is no answer.</summary>
    public Outcome Outcome => new(
        Reward: Judged is { } good ? good ? 1 : 0 : Cause is null ? null : 0,
        F1: null,
        Prediction: Answer is null ? null : JsonSerializer.SerializeToElement(Answer),
        Cause: Judged == true ? null : (Cause ?? (Judged == false ? FailureCause.WrongAnswer : null))?.Name());

    /// <summary>
    /// The exchange as a trajectory that brings its own question, unworded, so that training words it under the condition of
    /// its outcome.
    /// </summary>
    public Trajectory ToTrajectory()
    {
        var members = new OrderedDictionary<string, JsonElement> { ["condition"] = JsonSerializer.SerializeToElement(Condition) };
        if (Guidance is { } weight)
        {
            members["guidance"] = JsonSerializer.SerializeToElement(weight);
        }

        return new Trajectory("", [.. Before, new Turn(Roles.User, Question, Loss: false), .. Turns], Outcome, $"{Temperature}", Row: 0)
        {
            HasOwnId = false,
            Tools = Tools,
            Members = members,
        };
    }

    /// <summary>A row of NATInstruct form.</summary>
    public JsonObject ToJson() => new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(ToTrajectory());
}
