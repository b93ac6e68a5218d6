using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>What was asked for about the held-out loss, checked.</summary>
/// <param name="HeldOut">Questions to keep out of training; null for none.</param>
/// <param name="Path">A file of trajectories to measure; null for none.</param>
/// <param name="Schedule">When, besides at the end.</param>
internal sealed record EvaluationSettings(HeldOutAmount? HeldOut, string? Path, StepSchedule Schedule)
{
    /// <summary>Share of a run's steps between two times when only the strategy was said.</summary>
    private const double DefaultInterval = 0.1;

    public static EvaluationSettings Read(EvaluationOptions options, int? loggingSteps, CommandContext context, OptionChecks checks)
    {
        var amount = context.Get(options.HeldOut);
        if (amount is <= 0 || (amount > 1 && amount != Math.Floor(amount.Value)))
        {
            checks.Add($"{context.Label(options.HeldOut)} is {amount}; it must be a whole number of questions, or a share of them between 0 and 1.");
        }

        var path = checks.ExistingData(options.Path);
        var given = context.IsGiven(options.Interval) && !context.IsGiven(options.Strategy);
        var strategy = given ? StepStrategy.Steps : StepSchedules.Parse(context.Require(options.Strategy));
        if (amount is null && path is null && context.IsGiven(options.Strategy) && strategy != StepStrategy.No)
        {
            checks.Add($"{options.Strategy.Name} needs something to measure: give {options.HeldOut.Name} or {options.Path.Name}, or take it out.");
        }

        return new EvaluationSettings(
            amount is { } count ? new HeldOutAmount(count) : null,
            path,
            new StepSchedule(strategy, StepSchedules.Interval(options.Interval, context, checks) ?? loggingSteps ?? DefaultInterval));
    }
}
