using Rebound.Cli.Options;
using Rebound.Training;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>Reads when a run measures and saves: transformers' pairs of options, a strategy and a number of steps.</summary>
internal static class StepSchedules
{
    /// <summary>Share of a run's steps between two measurements when only the strategy was said.</summary>
    private const double DefaultInterval = 0.1;

    public static CheckpointOptions Read(SavingOptions options, CommandContext context, OptionChecks checks)
    {
        var resume = context.IsGiven(options.Resume)
            ? context.Get(options.Resume)?.ToLowerInvariant() switch
            {
                null or CheckpointOptions.Newest or "true" => CheckpointOptions.Newest,
                "false" => null,
                _ => context.Get(options.Resume),
            }
            : null;
        var read = new CheckpointOptions
        {
            Schedule = new StepSchedule(Strategy(context.Require(options.Strategy)), context.Get(options.Interval)!.Value),
            KeepNewest = context.Get(options.Limit),
            Resume = resume,
        };
        checks.Add(
            read.Validate(),
            new OptionNames()
                .Add($"{nameof(read.Schedule)}.{nameof(StepSchedule.Interval)}", options.Interval)
                .Add(nameof(read.KeepNewest), options.Limit));
        return read;
    }

    /// <param name="loggingSteps">Steps between printed lines; null where that was not said.</param>
    public static HeldOutOptions Read(HeldOutEvaluationOptions options, int? loggingSteps, CommandContext context, OptionChecks checks)
    {
        var (amount, path) = (context.Get(options.HeldOut), checks.ExistingData(options.Path));
        var given = context.IsGiven(options.Interval) && !context.IsGiven(options.Strategy);
        var strategy = given ? StepStrategy.Steps : Strategy(context.Require(options.Strategy));
        var interval = context.Get(options.Interval) ?? (loggingSteps >= 1 ? loggingSteps : null) ?? DefaultInterval;
        var read = new HeldOutOptions
        {
            Amount = amount is { } count ? new HeldOutAmount(count) : null,
            Path = path,
            Schedule = new StepSchedule(strategy, interval),
        };
        checks.Add(
            read.Validate(),
            new OptionNames()
                .Add(nameof(read.Amount), options.HeldOut)
                .Add($"{nameof(read.Schedule)}.{nameof(StepSchedule.Interval)}", options.Interval));
        if (amount is null && path is null && context.IsGiven(options.Strategy) && strategy != StepStrategy.No)
        {
            checks.Add(
                $"{options.Strategy.Name} needs something to measure: give {options.HeldOut.Name} or {options.Path.Name}, or take it out.");
        }

        return read;
    }

    private static StepStrategy Strategy(string name) => name switch
    {
        "steps" => StepStrategy.Steps,
        "epoch" => StepStrategy.Epoch,
        _ => StepStrategy.No,
    };
}
