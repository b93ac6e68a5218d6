using Rebound.Training;

namespace Rebound.Cli.Train;

/// <summary>What was asked for about checkpoints, checked.</summary>
/// <param name="KeepNewest">Checkpoints to keep; null for all.</param>
/// <param name="Resume">A checkpoint's folder, <see cref="Newest"/>, or null to begin anew.</param>
internal sealed record SavingSettings(StepSchedule Schedule, int? KeepNewest, string? Resume)
{
    /// <summary>The newest checkpoint of the output folder.</summary>
    public const string Newest = "auto";

    public static SavingSettings Read(SavingOptions options, CommandContext context, OptionChecks checks)
    {
        var resume = context.IsGiven(options.Resume)
            ? context.Get(options.Resume)?.ToLowerInvariant() switch
            {
                null or Newest or "true" => Newest,
                "false" => null,
                _ => context.Get(options.Resume),
            }
            : null;
        var interval = StepSchedules.Interval(options.Interval, context, checks)!.Value;
        var schedule = new StepSchedule(StepSchedules.Parse(context.Require(options.Strategy)), interval);
        return new SavingSettings(schedule, checks.AtLeast(options.Limit, 1), resume);
    }
}
