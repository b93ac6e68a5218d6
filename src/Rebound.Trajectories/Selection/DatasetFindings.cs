using Rebound.Files.Rows;

namespace Rebound.Trajectories.Selection;

/// <summary>All that reading trajectories finds beside their documents.</summary>
internal sealed class DatasetFindings
{
    /// <inheritdoc cref="Dataset.BadRows"/>
    public BadRows BadRows { get; init; } = new();

    /// <inheritdoc cref="Dataset.EmptyTrajectories"/>
    public BadRows EmptyTrajectories { get; init; } = new();

    /// <inheritdoc cref="Dataset.FailuresWithoutLoss"/>
    public BadRows FailuresWithoutLoss { get; init; } = new();

    /// <inheritdoc cref="Dataset.Agent"/>
    public AgentFacts Agent { get; init; } = new();

    /// <inheritdoc cref="Dataset.DocumentsBeyondLimit"/>
    public int DocumentsBeyondLimit { get; set; }

    /// <inheritdoc cref="Dataset.HasOutcomes"/>
    public bool HasOutcomes { get; set; }

    /// <inheritdoc cref="Dataset.OutcomeLikes"/>
    public IReadOnlyList<string> OutcomeLikes { get; set; } = [];

    /// <inheritdoc cref="Dataset.BeginWithAnswers"/>
    public int BeginWithAnswers { get; set; }
}
