using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;
using Rebound.Files.Json;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>One run of an agent on a question, at its end.</summary>
/// <param name="Turns">The agent's turns, in the loss, and the observations; the prompt is not among them.</param>
/// <param name="Info">The score in the form of trajectories, with <c>cause</c> where it failed.</param>
/// <param name="Cause">Why it failed; null for a success.</param>
/// <param name="Detail">A description of the failure, where there is more to say than the cause.</param>
public sealed record Episode(
    TaskQuestion Question, IReadOnlyList<Turn> Turns, JsonObject Info, FailureCause? Cause, string? Detail)
{
    /// <summary>The sampling temperature; null for the model's own.</summary>
    public float? Temperature { get; init; }

    /// <summary>Tokens that the model read, where it counts them.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens that the model wrote, where it counts them.</summary>
    public long OutputTokens { get; init; }

    /// <summary>The schemas of the tools that the model was offered natively; null for none.</summary>
    public JsonElement? Tools { get; init; }

    public TimeSpan Duration { get; init; }

    public bool Succeeded => Cause is null;

    /// <summary>The recorded episode.</summary>
    public Trajectory ToTrajectory()
    {
        var members = new OrderedDictionary<string, JsonElement>
        {
            ["info"] = StrictJson.Element(Info),
            ["id"] = StrictJson.Element(Question.Id),
        };
        var outcome = new Outcome(
            Succeeded ? 1 : 0,
            (double?)Info["f1"],
            Element("gt"),
            Info.ContainsKey("pred") ? Element("pred") : null,
            Cause?.Name());
        return new Trajectory(Question.IdText, Turns, outcome, Temperature?.ToString(), Row: 0) { Members = members, Tools = Tools };
    }

    private JsonElement? Element(string member) => StrictJson.Element(Info[member]);
}
