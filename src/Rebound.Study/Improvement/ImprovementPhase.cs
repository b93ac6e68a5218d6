namespace Rebound.Study.Improvement;

/// <summary>The phases of a round, in their order.</summary>
public enum ImprovementPhase
{
    /// <summary>The current model, or a teacher, tries the questions.</summary>
    Collect,

    /// <summary>A model learns from what is kept of the tries.</summary>
    Train,

    /// <summary>The model answers held-out questions.</summary>
    Evaluate,
}
