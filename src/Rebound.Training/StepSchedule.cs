namespace Rebound.Training;

/// <summary>When something happens that happens more than once in a run, by the names that transformers gives the choices.</summary>
public enum StepStrategy
{
    No,
    Steps,
    Epoch,
}

/// <summary>After which steps something happens: saving, measuring the held-out loss.</summary>
/// <param name="Interval">Steps between two times; below 1 a share of the run's steps, as transformers has it.</param>
public sealed record StepSchedule(StepStrategy Strategy, double Interval)
{
    /// <param name="step">1 for the first.</param>
    public bool IsDue(int step, TrainingPlan plan) => Strategy switch
    {
        StepStrategy.Steps => step % Every(plan) == 0,
        StepStrategy.Epoch => step % plan.StepsPerEpoch == 0,
        _ => false,
    };

    /// <summary>How often it happens in a run.</summary>
    public int Times(TrainingPlan plan) => Strategy switch
    {
        StepStrategy.Steps => plan.TotalSteps / Every(plan),
        StepStrategy.Epoch => plan.TotalSteps / plan.StepsPerEpoch,
        _ => 0,
    };

    private int Every(TrainingPlan plan) =>
        Interval >= 1 ? (int)Interval : Math.Max(1, (int)Math.Ceiling(plan.TotalSteps * Interval));
}
