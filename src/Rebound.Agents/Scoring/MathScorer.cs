using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Rebound.Agents.Scoring;

/// <summary>
/// The reference's scoring of maths: the prediction is the number after <c>#### </c> in the ground truth, commas left out,
/// character by character; a ground truth without the mark is the answer itself.
/// </summary>
public sealed partial class MathScorer : IScorer
{
    public Score Score(JsonNode? groundTruth, string prediction)
    {
        var answer = Extract(GroundTruthText.Of(groundTruth));
        var correct = prediction == answer;
        return new Score(correct, null, new JsonObject { ["reward"] = correct, ["gt"] = answer, ["pred"] = prediction });
    }

    /// <summary>The final answer of a solution.</summary>
    public static string Extract(string solution) =>
        FinalAnswer().Match(solution) is { Success: true } match ? match.Groups[1].Value.Replace(",", "") : solution;

    [GeneratedRegex("#### (-?[0-9.,]+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FinalAnswer();
}
