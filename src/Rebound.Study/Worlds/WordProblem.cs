using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;

namespace Rebound.Study.Worlds;

/// <summary>A question about a final count of things.</summary>
/// <param name="Id">Unique in its world.</param>
/// <param name="Text">The story and its question.</param>
/// <param name="Start">How many there are at first.</param>
/// <param name="Events">In the order in which they happen.</param>
/// <param name="Distractor">A number of the story that has nothing to do with the answer; null where there is none.</param>
/// <param name="Answer">How many there are in the end.</param>
/// <param name="Key">Its sentences and numbers, without names and things: what no two problems of a world share.</param>
public sealed record WordProblem(
    string Id, string Text, int Start, IReadOnlyList<StoryEvent> Events, int? Distractor, int Answer, string Key)
{
    /// <summary>The problem as a task has it.</summary>
    public TaskQuestion Question => new(JsonValue.Create(Id), Text, JsonValue.Create(GroundTruth));

    /// <summary>The answer as text.</summary>
    public string GroundTruth => $"{Answer}";
}
