namespace Rebound.Traces;

/// <summary>Where the outcome of a run is told.</summary>
public sealed record TraceImportOptions
{
    /// <summary>An attribute of a span of the run, of its trace's root, of one of its events or of its resource; null for none.</summary>
    public string? OutcomeAttribute { get; init; }

    /// <summary>The evaluation that counts, by <c>gen_ai.evaluation.name</c>; null for all, which then have to agree.</summary>
    public string? Evaluation { get; init; }

    /// <summary>The least score of a success; null where scores are 0 and 1.</summary>
    public double? AtLeast { get; init; }
}
