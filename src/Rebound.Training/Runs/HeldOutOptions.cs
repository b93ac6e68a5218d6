using Rebound.Files.Messages;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Runs;

/// <summary>The trajectories whose loss is measured without training on them, and when.</summary>
public sealed record HeldOutOptions
{
    /// <summary>Questions of the training data that are kept out, with all their trajectories; null for none.</summary>
    public HeldOutAmount? Amount { get; init; }

    /// <summary>A file of trajectories that tell their outcome; null for none.</summary>
    public string? Path { get; init; }

    /// <summary>When the loss is measured, besides after the last step.</summary>
    public StepSchedule Schedule { get; init; } = new(StepStrategy.Epoch, 1);

    /// <summary>All that is wrong with the options; empty where they can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate()
    {
        var limits = new OptionLimits();
        if (Amount is { Amount: var amount })
        {
            limits.Require(
                amount > 0 && !(amount > 1 && amount != Math.Floor(amount)), nameof(Amount), amount,
                "a whole number of questions, or a share of them between 0 and 1");
        }

        return limits.Add(nameof(Schedule), Schedule.Validate()).Problems;
    }
}
