namespace Rebound.Trajectories.Cleaning;

/// <summary>The rule by which two trajectories are duplicates.</summary>
public enum DuplicateRule
{
    /// <summary>Never: all are kept.</summary>
    Keep,

    /// <summary>When they say the same, character for character.</summary>
    Exact,

    /// <summary>When they say the same but for case and white space.</summary>
    Normalized,
}

/// <summary>Which trajectories are dropped.</summary>
public sealed record CleaningOptions
{
    /// <summary>Whether to drop episodes without any text or action of the assistant.</summary>
    public bool DropEmpty { get; init; } = true;

    /// <summary>Which trajectories count as duplicates; all but the first are dropped.</summary>
    public DuplicateRule Duplicates { get; init; } = DuplicateRule.Exact;

    /// <summary>Causes of failure whose trajectories are left out; case does not matter.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>Whether to drop episodes that ended without an answer.</summary>
    public bool DropUnfinished { get; init; }

    /// <summary>The tool by which an agent gives its answer.</summary>
    public string FinishTool { get; init; } = "finish";

    /// <summary>Turns that a trajectory must at least have; null for any.</summary>
    public int? MinTurns { get; init; }

    /// <summary>Turns that a trajectory may have; null for any.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>Tokens that a trajectory may have; null for any.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens of a trajectory; asked only with <see cref="MaxTokens"/>.</summary>
    public Func<Trajectory, int>? CountTokens { get; init; }
}
