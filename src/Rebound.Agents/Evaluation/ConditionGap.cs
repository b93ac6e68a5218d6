using System.Text.Json.Nodes;

namespace Rebound.Agents.Evaluation;

/// <summary>The difference between two conditions on the same questions, with paired bootstrap intervals.</summary>
/// <param name="Differences">By metric: mean of condition − other, and its bootstrap interval.</param>
public sealed record ConditionGap(string Condition, string Other, IReadOnlyDictionary<string, (double Mean, Interval Interval)> Differences)
{
    /// <param name="other">Scored on the same questions with the same metrics.</param>
    public static ConditionGap Between(ConditionScores condition, ConditionScores other) => new(
        condition.Condition,
        other.Condition,
        condition.Metrics.Zip(other.Metrics).ToDictionary(pair => pair.First.Name, pair =>
        {
            var differences = pair.First.Values.Zip(pair.Second.Values, (one, two) => one - two).ToArray();
            return (differences.Average(), BootstrapInterval.OfMean(differences));
        }));

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["condition"] = Condition, ["other"] = Other };
        foreach (var (metric, (mean, interval)) in Differences)
        {
            json[metric] = new JsonObject { ["difference"] = mean, ["low"] = interval.Low, ["high"] = interval.High };
        }

        return json;
    }
}
