using System.Text.Json;

namespace Rebound.Trajectories;

/// <summary>A whole conversation, ready to be rendered.</summary>
/// <param name="Id">The trajectory's id.</param>
/// <param name="Condition">
/// The condition under which the question is asked; <see cref="Unconditioned"/> where the prompt tells none.
/// </param>
public sealed record Conversation(string Id, string Condition, IReadOnlyList<Turn> Turns)
{
    /// <summary>The name of no condition.</summary>
    public const string Unconditioned = "none";

    /// <summary>The schemas of the tools on offer; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>A trajectory that brings its own question, as it is.</summary>
    public static Conversation Of(Trajectory trajectory) =>
        new(trajectory.Id, Unconditioned, trajectory.Turns) { Tools = trajectory.Tools };
}
