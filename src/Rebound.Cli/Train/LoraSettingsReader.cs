using Rebound.Models.Adapters;

namespace Rebound.Cli.Train;

/// <summary>Reads what was asked for about low-rank adapters.</summary>
internal static class LoraSettingsReader
{
    public const int DefaultRank = 16;

    private const int LargestRank = 4096;

    /// <summary>The adapter to train; null to train the weights.</summary>
    public static LoraSettings? Read(LoraOptions options, CommandContext context, OptionChecks checks)
    {
        var wanted = context.IsGiven(options.Use) ? context.Get(options.Use) : options.All.Any(context.IsGiven);
        var rank = context.Get(options.Rank) ?? DefaultRank;
        if (rank is < 1 or > LargestRank)
        {
            checks.Add($"{options.Rank.Name} is {rank}; it must be from 1 to {LargestRank}.");
        }

        var alpha = context.Get(options.Alpha);
        if (alpha is not (null or (> 0 and <= float.MaxValue)))
        {
            checks.Add($"{options.Alpha.Name} is {alpha}; it must be above 0.");
        }

        var dropout = context.Get(options.Dropout);
        if (!(dropout is >= 0 and < 1))
        {
            checks.Add($"{options.Dropout.Name} is {dropout}; it must be from 0 to below 1.");
        }

        var targets = Targets(options, context, checks);
        return wanted
            ? new LoraSettings
            {
                Rank = rank,
                Alpha = (float)(alpha ?? 2.0 * rank),
                Dropout = (float)dropout,
                RankStabilized = context.Get(options.RankStabilized),
                Targets = targets,
            }
            : null;
    }

    private static LoraTargets Targets(LoraOptions options, CommandContext context, OptionChecks checks)
    {
        try
        {
            return context.Get(options.Targets) is { Length: > 0 } typed ? LoraTargets.Parse(string.Join(' ', typed)) : LoraTargets.All;
        }
        catch (ArgumentException e)
        {
            checks.Add($"{options.Targets.Name}: {e.Message}");
            return LoraTargets.All;
        }
    }
}
