using System.Text.Json;

namespace Rebound.Trajectories;

/// <summary>A recorded episode: what an agent and its environment said, and how it was scored.</summary>
/// <param name="Id">The id of the question it answers; not unique, since a question is tried more than once.</param>
/// <param name="Turns">May be empty: an episode that failed before its first turn.</param>
/// <param name="Source">Where it came from; in NATInstruct the sampling temperature.</param>
/// <param name="Row">Row of the file it was read from, counted from 1.</param>
public sealed record Trajectory(string Id, IReadOnlyList<Turn> Turns, Outcome Outcome, string? Source, int Row);

/// <summary>What scoring said of an episode. Fields that the data lacks are null.</summary>
/// <param name="Reward">1 and 0 for true and false.</param>
/// <param name="F1">Token F1 of the prediction, 0 to 1.</param>
/// <param name="GroundTruth">The right answer, whatever its JSON type.</param>
/// <param name="Prediction">The agent's answer, whatever its JSON type; absent when it never gave one.</param>
public sealed record Outcome(double? Reward, double? F1, JsonElement? GroundTruth = null, JsonElement? Prediction = null)
{
    /// <summary>Whether the reward counts as a success: any reward but zero, as the reference reads it.</summary>
    public bool? Success => Reward is { } reward ? reward != 0 : null;
}
