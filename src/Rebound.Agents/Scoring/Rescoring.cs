using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;

namespace Rebound.Agents.Scoring;

/// <summary>Scores predictions that were recorded before.</summary>
public static class Rescoring
{
    /// <summary>The <c>info</c> of a recorded prediction; one that was never made is wrong, and has no <c>pred</c>.</summary>
    /// <exception cref="ArgumentException">The prediction is no string.</exception>
    /// <exception cref="JudgeException">Nothing can be said of it.</exception>
    public static async Task<JsonObject> InfoAsync(
        IJudge judge, TaskQuestion question, JsonNode? prediction, CancellationToken cancellation = default) =>
            prediction?.GetValueKind() switch
            {
                null => new JsonObject { ["reward"] = false, ["gt"] = question.GroundTruth?.DeepClone() },
                JsonValueKind.String =>
                    (await judge.JudgeAsync(new JudgedEpisode(question, prediction.GetValue<string>(), [], []), cancellation)).Info,
                _ => throw new ArgumentException($"A prediction must be a string, but is {prediction.ToJsonString()}."),
            };
}
