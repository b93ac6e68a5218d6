using Rebound.Training.Evaluation;

namespace Rebound.Training.Runs;

/// <summary>The end of a run: done with its model written, or stopped with a checkpoint saved.</summary>
/// <param name="Steps">The steps that this process has run.</param>
/// <param name="CompletedSteps">Steps that are done in all.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Best">The least held-out loss; null where nothing was measured.</param>
/// <param name="Saved">The checkpoint that was saved last; null for none.</param>
/// <param name="PeakBytes">The most memory that was in use, of the device or of the process.</param>
public sealed record RunResult(
    IReadOnlyList<StepReport> Steps, int CompletedSteps, int TotalSteps, BestHeldOut? Best, string? Saved, long PeakBytes)
{
    /// <summary>Whether the run was cancelled before its end.</summary>
    public bool IsStopped => CompletedSteps < TotalSteps;
}
