using System.Text.Json;

namespace Rebound.Trajectories;

/// <summary>The outcome of an episode, as scored. Fields that the data lacks are null.</summary>
/// <param name="Reward">1 and 0 for true and false.</param>
/// <param name="F1">Token F1 of the prediction, 0 to 1.</param>
/// <param name="GroundTruth">The right answer, whatever its JSON type.</param>
/// <param name="Prediction">The agent's answer, whatever its JSON type; absent when it never gave one.</param>
/// <param name="Cause">Why the episode failed, for example <c>step limit</c>.</param>
public sealed record Outcome(
    double? Reward, double? F1, JsonElement? GroundTruth = null, JsonElement? Prediction = null, string? Cause = null)
{
    /// <summary>
    /// Whether the reward counts as a success: any above zero. (The NAT reference, whose rewards are never negative,
    /// asks for any but zero.)
    /// </summary>
    public bool? Success => Reward is { } reward ? reward > 0 : null;

    /// <summary><c>positive</c>, <c>negative</c>, or <c>unscored</c> without a reward.</summary>
    public string Name => Success switch
    {
        true => Positive,
        false => Negative,
        null => Unscored,
    };

    public const string Positive = "positive";
    public const string Negative = "negative";
    public const string Unscored = "unscored";
}
