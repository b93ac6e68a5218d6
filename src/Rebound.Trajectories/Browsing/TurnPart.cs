namespace Rebound.Trajectories.Browsing;

/// <summary>A stretch of a turn that people read as one thing.</summary>
public sealed record TurnPart(TurnPartKind Kind, string Text);

/// <summary>Kinds of parts of a turn.</summary>
public enum TurnPartKind
{
    Text,

    /// <summary>The agent's thinking before it acts.</summary>
    Thought,

    /// <summary>A tool that is called.</summary>
    Call,

    /// <summary>A tool's reply.</summary>
    Observation,
}
