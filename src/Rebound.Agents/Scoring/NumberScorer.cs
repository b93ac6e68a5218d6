using System.Text.Json.Nodes;

namespace Rebound.Agents.Scoring;

/// <summary>
/// A more forgiving scoring of maths, for tasks of one's own: equal in value, whatever the form (<c>15.0</c>, <c>$15</c>,
/// <c>1,500</c>, <c>15/2</c>, <c>20%</c>, <c>\boxed{15}</c>).
/// </summary>
public sealed class NumberScorer : IScorer
{
    /// <summary>The mark before the final answer of a solution in GSM8K's data.</summary>
    private const string Mark = "#### ";

    public Score Score(JsonNode? groundTruth, string prediction)
    {
        var text = GroundTruthText.Of(groundTruth);
        var mark = text.LastIndexOf(Mark, StringComparison.Ordinal);
        var answer = mark < 0 ? text : text[(mark + Mark.Length)..].Trim();
        var correct = NumberText.Read(answer) is { } right && NumberText.Read(prediction) is { } said && right.IsSameAs(said);
        return new Score(correct, null, new JsonObject { ["reward"] = correct, ["gt"] = answer, ["pred"] = prediction });
    }
}
