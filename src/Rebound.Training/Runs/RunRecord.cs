namespace Rebound.Training.Runs;

/// <summary>Files that record a run, beside metrics, checkpoints and the model; nothing reads them back.</summary>
public sealed record RunRecord
{
    /// <summary>The options as a person gave them, by name, as checkpoints keep them.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of options that may differ in a resumed run without changing its data.</summary>
    public IReadOnlyList<string> AboutTheRunOnly { get; init; } = [];

    /// <summary>The text of <c>options.yml</c>; null to write none.</summary>
    public string? OptionsFile { get; init; }

    /// <summary>Whether the report of the loss mask is written.</summary>
    public bool LossMask { get; init; } = true;
}
