using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Python;

namespace Rebound.Agents.Scoring;

/// <summary>
/// The reference's scoring of yes-or-no questions: yes in any case is true, no is false, anything else is wrong. The right answer may
/// be true or false, or one of the words.
/// </summary>
public sealed class YesNoScorer : IScorer
{
    public Score Score(JsonNode? groundTruth, string prediction)
    {
        var correct = CaseMapping.Lower(prediction) switch
        {
            "yes" => Says(groundTruth, true),
            "no" => Says(groundTruth, false),
            _ => false,
        };
        return new Score(correct, null, new JsonObject
        {
            ["reward"] = correct,
            ["acc"] = correct,
            ["gt"] = groundTruth?.DeepClone(),
            ["pred"] = prediction,
        });
    }

    /// <summary>Whether the ground truth says this; 1 and 0 count as true and false, as in Python.</summary>
    private static bool Says(JsonNode? groundTruth, bool value) => groundTruth?.GetValueKind() switch
    {
        JsonValueKind.True => value,
        JsonValueKind.False => !value,
        JsonValueKind.Number => groundTruth.GetValue<double>() == (value ? 1 : 0),
        JsonValueKind.String => CaseMapping.Lower(groundTruth.GetValue<string>().Trim()) is "yes" or "true" ? value
            : CaseMapping.Lower(groundTruth.GetValue<string>().Trim()) is "no" or "false" && !value,
        _ => false,
    };
}
