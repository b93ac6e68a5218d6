using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Agents.Scoring;

/// <summary>A right answer as text, whatever its JSON type.</summary>
internal static class GroundTruthText
{
    public static string Of(JsonNode? groundTruth) => groundTruth?.GetValueKind() == JsonValueKind.String
        ? groundTruth.GetValue<string>()
        : groundTruth?.ToJsonString() ?? "";
}
