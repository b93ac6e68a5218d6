namespace Rebound.Trajectories.Browsing;

/// <summary>A stretch of a turn that people read as one thing.</summary>
public sealed record TurnPart(TurnPartKind Kind, string Text);

/// <summary>What a part of a turn does.</summary>
public enum TurnPartKind
{
    Text,

    /// <summary>What the agent thinks before it acts.</summary>
    Thought,

    /// <summary>A tool that is called.</summary>
    Call,

    /// <summary>What a tool said.</summary>
    Observation,
}
