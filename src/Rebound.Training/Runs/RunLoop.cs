using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>Runs the steps that are left, and measures, logs and saves between them.</summary>
internal sealed class RunLoop(
    RunOptions options, TrainingPlan plan, Trainer trainer, HeldOutLoss? heldOut, RunMetrics? metrics, CheckpointSaving saving,
    RunHost host)
{
    private readonly ITrainingObserver _observer = host.Observer;
    private readonly RankAgreement _ranks = host.Agreement;
    private bool _failedAlone;

    /// <summary>The steps that this process has run.</summary>
    public List<StepReport> Steps { get; } = [];

    public BestHeldOut? Best { get; set; }

    /// <summary>The checkpoint that was saved last; null for none.</summary>
    public string? Saved { get; private set; }

    /// <summary>Runs to the end, or on cancellation of any rank to the end of the current step.</summary>
    /// <exception cref="TrainingException">The run diverged, or a checkpoint or metrics could not be written.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop, and saves nothing then.</exception>
    public void Run(CancellationToken stop)
    {
        try
        {
            RunSteps(stop);
        }
        catch (TrainingException) when (!_failedAlone)
        {
            // The run diverged, on all ranks alike: the checkpoint before that is kept.
            Take(saving.Look(waits: true));
            throw;
        }

        Take(saving.Look(waits: true));
    }

    private void RunSteps(CancellationToken stop)
    {
        foreach (var step in trainer.Run(_observer.BatchDone))
        {
            Steps.Add(step);
            if (Steps.Count == 1)
            {
                _observer.Ended(RunPhase.FirstStep);
            }

            var report = Measure(step);
            Write(step, report);
            _observer.StepDone(step, report, Best);
            var stopping = _ranks.Any(stop.IsCancellationRequested) && step.Step < plan.TotalSteps;
            if (stopping && !options.Checkpoints.SavesWhenStopped)
            {
                throw new OperationCanceledException(stop);
            }

            var isDue = options.Checkpoints.Schedule.IsDue(step.Step, plan);
            Take(saving.Look(waits: stopping || isDue));
            if (stopping || isDue)
            {
                Take(saving.Save(step.Step, Best, goesOn: !stopping && step.Step < plan.TotalSteps));
            }

            if (stopping)
            {
                return;
            }
        }
    }

    /// <summary>Of rank 0: the others do not know that it failed.</summary>
    private void Write(StepReport step, HeldOutReport? report)
    {
        try
        {
            metrics?.Write(step, report);
        }
        catch
        {
            _failedAlone = host.Ranks is not null;
            throw;
        }
    }

    private HeldOutReport? Measure(StepReport step)
    {
        if (heldOut is null || !(step.Step == plan.TotalSteps || options.HeldOut.Schedule.IsDue(step.Step, plan)))
        {
            return null;
        }

        _observer.Measuring();
        var report = heldOut.Measure();
        if (!double.IsFinite(report.Loss))
        {
            throw new TrainingException(
                $"The held-out loss after step {step.Step} is {report.Loss}: the run has diverged. Lower the learning rate or clip "
                + "harder.");
        }

        Best = BestHeldOut.Of(Best, report.Loss, step.Step);
        return report;
    }

    private void Take(SavedCheckpoint? saved)
    {
        if (saved is not null)
        {
            Saved = saved.Folder;
            _observer.Saved(saved.Step, saved.Folder);
        }
    }
}
