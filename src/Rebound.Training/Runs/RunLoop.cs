using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>Runs the steps that are left, and measures, logs and saves between them.</summary>
internal sealed class RunLoop(
    RunOptions options, RunFolder run, TrainingPlan plan, Trainer trainer, HeldOutLoss? heldOut, RunMetrics? metrics, RunHost host)
{
    private readonly ITrainingObserver _observer = host.Observer;
    private readonly RankAgreement _ranks = host.Agreement;

    /// <summary>The steps that this process has run.</summary>
    public List<StepReport> Steps { get; } = [];

    public BestHeldOut? Best { get; set; }

    /// <summary>The checkpoint that was saved last; null for none.</summary>
    public string? Saved { get; private set; }

    /// <summary>Runs to the end, or on cancellation of any rank to the end of the current step.</summary>
    /// <param name="save">Saves a checkpoint of a step, and returns its folder.</param>
    /// <exception cref="TrainingException">The run diverged, or a checkpoint or metrics could not be written.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop, and saves nothing then.</exception>
    public void Run(Func<int, string> save, CancellationToken stop)
    {
        foreach (var step in trainer.Run(_observer.BatchDone))
        {
            Steps.Add(step);
            if (Steps.Count == 1)
            {
                _observer.Ended(RunPhase.FirstStep);
            }

            var report = Measure(step);
            metrics?.Write(step, report);
            _observer.StepDone(step, report, Best);
            var stopping = _ranks.Any(stop.IsCancellationRequested) && step.Step < plan.TotalSteps;
            if (stopping && !options.Checkpoints.SavesWhenStopped)
            {
                throw new OperationCanceledException(stop);
            }

            if (stopping || options.Checkpoints.Schedule.IsDue(step.Step, plan))
            {
                Save(step.Step, save);
            }

            if (stopping)
            {
                return;
            }
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

    private void Save(int step, Func<int, string> save)
    {
        try
        {
            Saved = save(step);
            _observer.Saved(step, Saved);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"The checkpoint of step {step} could not be written: {e.Message.TrimEnd('.')}.", e);
        }

        if (options.Checkpoints.KeepNewest is { } count && _ranks.IsFirst)
        {
            run.Checkpoints.KeepNewest(count, step);
        }
    }
}
