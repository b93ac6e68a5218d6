using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;

namespace Rebound.Cli.Train;

/// <summary>Runs the steps that are left, and measures, logs and saves between them.</summary>
internal sealed class TrainLoop(
    TrainSettings settings, RunFolder run, TrainingPlan plan, Trainer trainer, HeldOutLoss? heldOut, RunLog log, CancellationToken interrupted)
{
    /// <summary>The steps that this process has run.</summary>
    public List<StepReport> Steps { get; } = [];

    public BestHeldOut? Best { get; set; }

    /// <summary>The checkpoint that was saved last; null for none.</summary>
    public string? Saved { get; private set; }

    /// <summary>What is to be done when this process's first step is done.</summary>
    public Action? AfterFirst { get; init; }

    /// <summary>Runs to the end, or to the end of the step in which it is interrupted.</summary>
    /// <param name="save">Writes a checkpoint's files into a folder.</param>
    /// <exception cref="TrainingException">The run diverged, or a checkpoint or metrics could not be written.</exception>
    public void Run(Action<string> save)
    {
        foreach (var step in trainer.Run(log.Advance))
        {
            Steps.Add(step);
            if (Steps.Count == 1)
            {
                AfterFirst?.Invoke();
            }

            var report = Measure(step);
            Log(step, report);
            var stopping = interrupted.IsCancellationRequested && step.Step < plan.TotalSteps;
            if (stopping || settings.Saving.Schedule.IsDue(step.Step, plan))
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
        if (heldOut is null || !(step.Step == plan.TotalSteps || settings.Evaluation.Schedule.IsDue(step.Step, plan)))
        {
            return null;
        }

        log.Measuring();
        var report = heldOut.Measure();
        if (!double.IsFinite(report.Loss))
        {
            throw new TrainingException(
                $"The held-out loss after step {step.Step} is {report.Loss}: the run has diverged. Lower the learning rate or clip harder.");
        }

        Best = BestHeldOut.Of(Best, report.Loss, step.Step);
        return report;
    }

    private void Log(StepReport step, HeldOutReport? report)
    {
        try
        {
            log.Write(step, report, Best);
        }
        catch (IOException e)
        {
            throw new TrainingException($"The metrics of step {step.Step} could not be written: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private void Save(int step, Action<string> save)
    {
        try
        {
            Saved = run.Checkpoints.Save(step, save);
            log.Saved(step, Saved);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"The checkpoint of step {step} could not be written: {e.Message.TrimEnd('.')}.", e);
        }

        if (settings.Saving.KeepNewest is { } count)
        {
            run.Checkpoints.KeepNewest(count, step);
        }
    }
}
