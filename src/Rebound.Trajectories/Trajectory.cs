using System.Text.Json;

namespace Rebound.Trajectories;

/// <summary>A recorded episode: what an agent and its environment said, and how it was scored.</summary>
/// <param name="Id">The id of the question it answers; not unique, since a question is tried more than once.</param>
/// <param name="Turns">May be empty: an episode that failed before its first turn.</param>
/// <param name="Source">Where it came from; in NATInstruct the sampling temperature.</param>
/// <param name="Row">Row of the file it was read from, counted from 1.</param>
public sealed record Trajectory(string Id, IReadOnlyList<Turn> Turns, Outcome Outcome, string? Source, int Row)
{
    private static readonly IReadOnlyDictionary<string, JsonElement> NoMembers = new OrderedDictionary<string, JsonElement>();

    /// <summary>The tools that the agent had, a list of function schemas in the OpenAI form; null where the data names none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>How much it counts in training, beside others: 0 or more.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>
    /// The members of the row apart from its turns and tools, as they were, in the row's order. Those that are known are
    /// also in <see cref="Id"/>, <see cref="Outcome"/> and <see cref="Source"/>, which count where the two differ.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Members { get; init; } = NoMembers;

    /// <summary>Whether the data gave the id; otherwise it is the row's number.</summary>
    public bool HasOwnId { get; init; } = true;

    /// <summary>A key for its question: the id if the data gave it, otherwise all text before the assistant's first turn.</summary>
    public string QuestionKey
    {
        get
        {
            var opening = HasOwnId ? [] : Turns.TakeWhile(turn => turn.Role != Roles.Assistant).ToArray();
            return opening.Length > 0 ? string.Join('\0', opening.Select(turn => $"{turn.Role}\0{turn.Content}")) : Id;
        }
    }
}
