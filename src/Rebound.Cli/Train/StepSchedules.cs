using System.CommandLine;
using Rebound.Training;

namespace Rebound.Cli.Train;

/// <summary>Reads transformers' pairs of options, a strategy and a number of steps.</summary>
internal static class StepSchedules
{
    public static StepStrategy Parse(string name) => name switch
    {
        "steps" => StepStrategy.Steps,
        "epoch" => StepStrategy.Epoch,
        _ => StepStrategy.No,
    };

    /// <summary>A whole number of steps, or a share of the run's below 1; null if the option was not given.</summary>
    public static double? Interval(Option<double?> option, CommandContext context, OptionChecks checks)
    {
        var steps = context.Get(option);
        if (steps is { } value && (!(value > 0 && value <= int.MaxValue) || (value > 1 && value != Math.Floor(value))))
        {
            checks.Add($"{context.Label(option)} is {value}; it must be a whole number of steps, or a share of the run's steps between 0 and 1.");
        }

        return steps;
    }
}
