using Rebound.Files.Messages;

namespace Rebound.Training;

/// <summary>When a repeated action happens in a run, by transformers' names.</summary>
public enum StepStrategy
{
    No,
    Steps,
    Epoch,
}

/// <summary>The steps after which something happens: saving, or measuring the held-out loss.</summary>
/// <param name="Interval">Steps between two times; below 1 a share of the run's steps, as transformers has it.</param>
public sealed record StepSchedule(StepStrategy Strategy, double Interval)
{
    /// <summary>After no step.</summary>
    public static StepSchedule Never { get; } = new(StepStrategy.No, 1);

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

    /// <summary>Problems of the schedule; empty where it can be followed.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .Require(
            Interval is > 0 and <= int.MaxValue && !(Interval > 1 && Interval != Math.Floor(Interval)),
            nameof(Interval), Interval, "a whole number of steps, or a share of the run's steps between 0 and 1")
        .Problems;

    private int Every(TrainingPlan plan) =>
        Interval >= 1 ? (int)Interval : Math.Max(1, (int)Math.Ceiling(plan.TotalSteps * Interval));
}
