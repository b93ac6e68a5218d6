using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;

namespace Rebound.Study.Grids;

/// <summary>Tells a study's observer how far a training is.</summary>
internal sealed class TrainingProgress(CellProgress progress) : ITrainingObserver
{
    private int _steps = 1;

    public void Planned(RunPlan plan)
    {
        _steps = plan.Steps.TotalSteps;
        progress.Report("training", 0);
    }

    public void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best) =>
        progress.Report($"training, loss {step.Loss:0.00}", (double)step.Step / _steps);
}
