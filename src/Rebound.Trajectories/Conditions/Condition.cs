namespace Rebound.Trajectories.Conditions;

/// <summary>The wording before trajectories with one kind of outcome.</summary>
/// <param name="Name">For example <c>positive</c>.</param>
/// <param name="When">The outcomes it is for.</param>
/// <param name="Wording">Its changes to the prompt.</param>
public sealed record Condition(string Name, OutcomeRule When, Wording Wording);

/// <summary>The changes that a condition makes to a prompt.</summary>
public sealed record Wording
{
    /// <summary>No changes.</summary>
    public static Wording Neutral { get; } = new();

    /// <summary>Put before the question prompt.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Put after the question prompt.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Added to the system text, which it is where there is none.</summary>
    public string? System { get; init; }

    /// <summary>Replaces the prompt's own question prompt; null to keep it.</summary>
    public QuestionPrompt? Question { get; init; }
}
