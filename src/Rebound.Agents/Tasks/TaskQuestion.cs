using System.Text.Json.Nodes;

namespace Rebound.Agents.Tasks;

/// <summary>A question of a task.</summary>
/// <param name="Id">As the file has it, a number or a string; the row's number from 0 where it has none.</param>
/// <param name="GroundTruth">The right answer, whatever its JSON type.</param>
public sealed record TaskQuestion(JsonNode Id, string Question, JsonNode? GroundTruth)
{
    /// <summary>The id as text.</summary>
    public string IdText => Id.GetValueKind() == System.Text.Json.JsonValueKind.String ? Id.GetValue<string>() : Id.ToJsonString();
}
