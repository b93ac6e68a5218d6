using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Agents.Scoring;

/// <summary>Scores predictions that were recorded before.</summary>
public static class Rescoring
{
    /// <summary>The <c>info</c> of a recorded prediction; one that was never made is wrong, and has no <c>pred</c>.</summary>
    /// <exception cref="ArgumentException">The prediction is no string.</exception>
    public static JsonObject Info(IScorer scorer, JsonNode? groundTruth, JsonNode? prediction) => prediction?.GetValueKind() switch
    {
        null => new JsonObject { ["reward"] = false, ["gt"] = groundTruth?.DeepClone() },
        JsonValueKind.String => scorer.Score(groundTruth, prediction.GetValue<string>()).Info,
        _ => throw new ArgumentException($"A prediction must be a string, but is {prediction.ToJsonString()}."),
    };
}
