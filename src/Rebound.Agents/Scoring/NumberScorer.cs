using System.Text.Json.Nodes;
using Rebound.Agents.Calculation;

namespace Rebound.Agents.Scoring;

/// <summary>
/// A more forgiving scoring of maths, for tasks of one's own: equal in value, whatever the form (<c>15.0</c>, <c>$15</c>,
/// <c>1,500</c>, <c>15/2</c>).
/// </summary>
public sealed class NumberScorer : IScorer
{
    public Score Score(JsonNode? groundTruth, string prediction)
    {
        var answer = MathScorer.Extract(GroundTruthText.Of(groundTruth));
        var (right, said) = (Value(answer), Value(prediction));
        var correct = right == said && !right.StartsWith(Calculator.ErrorPrefix, StringComparison.Ordinal);
        return new Score(correct, null, new JsonObject { ["reward"] = correct, ["gt"] = answer, ["pred"] = prediction });
    }

    private static string Value(string text) => Calculator.Calculate($"Rational({text.Trim().TrimStart('$').TrimEnd('.', '%').Replace(",", "")})");
}
