namespace Rebound.Trajectories.Parsing;

/// <summary>The parts of an assistant's turn: <c>Thought: …</c>, then <c>Action: tool[argument]</c>.</summary>
/// <param name="Thought">The text before the action, its label included, as the reference keeps it.</param>
/// <param name="Action">The action as it is written; null where the turn has none.</param>
/// <param name="Tool">The name before the bracket; null where there is no action or no bracket.</param>
/// <param name="Argument">The text in the brackets; null with <paramref name="Tool"/>.</param>
public sealed record ParsedTurn(string Thought, string? Action, string? Tool, string? Argument)
{
    /// <summary>Where the action ends in the text that was read; null where that is the text's end.</summary>
    public int? End { get; init; }

    /// <summary>Whether a tool and its argument were found.</summary>
    public bool IsWellFormed => Tool is not null;

    /// <summary>Whether the action ends the episode; any name with "finish" in it does, as in the reference.</summary>
    public bool Finishes => Tool?.Contains("finish", StringComparison.OrdinalIgnoreCase) == true;
}
