using System.Text.Json.Nodes;
using Rebound.Files;

namespace Rebound.Agents.Evaluation;

/// <summary>The results of an evaluation.</summary>
/// <param name="About">A description of the model, the questions and the settings.</param>
/// <param name="Gaps">The first condition beside each of the others.</param>
public sealed record EvaluationReport(JsonObject About, IReadOnlyList<ConditionScores> Scores, IReadOnlyList<ConditionGap> Gaps)
{
    /// <param name="scores">At least one, all on the same questions.</param>
    public static EvaluationReport Of(JsonObject about, IReadOnlyList<ConditionScores> scores) =>
        new(about, scores, [.. scores.Skip(1).Select(other => ConditionGap.Between(scores[0], other))]);

    public JsonObject ToJson()
    {
        var json = About.DeepClone().AsObject();
        json["conditions"] = new JsonObject(
            Scores.Select(scores => KeyValuePair.Create<string, JsonNode?>(scores.Condition, scores.ToJson())));
        json["gaps"] = new JsonArray([.. Gaps.Select(gap => gap.ToJson())]);
        return json;
    }

    /// <summary>Writes it as JSON; the file appears under its name when it is whole.</summary>
    public void Write(string path) => WholeFile.WriteJson(path, ToJson());
}
