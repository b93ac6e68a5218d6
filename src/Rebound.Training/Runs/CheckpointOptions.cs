using Rebound.Files.Messages;

namespace Rebound.Training.Runs;

/// <summary>When a run saves checkpoints, how many it keeps, and from which it resumes.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Of <see cref="Resume"/>: the newest whole checkpoint of the output folder, or the first step where there is none.</summary>
    public const string Newest = "auto";

    /// <summary>When one is saved; transformers' every 500 steps by default.</summary>
    public StepSchedule Schedule { get; init; } = new(StepStrategy.Steps, 500);

    /// <summary>Checkpoints to keep, the newest; null for all.</summary>
    public int? KeepNewest { get; init; }

    /// <summary>A checkpoint's folder, <see cref="Newest"/>, or null to begin with the first step.</summary>
    public string? Resume { get; init; }

    /// <summary>
    /// Whether a cancelled run saves a checkpoint and returns; otherwise it throws at the end of the step, and saves nothing.
    /// </summary>
    public bool SavesWhenStopped { get; init; } = true;

    /// <summary>All that is wrong with the options; empty where they can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .Add(nameof(Schedule), Schedule.Validate())
        .AtLeast(nameof(KeepNewest), KeepNewest, 1)
        .Problems;
}
