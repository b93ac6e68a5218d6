using Rebound.Checkpoints.Gguf;
using Rebound.Cli.Options;
using Rebound.Models.Adapters;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>Reads what was asked for about low-rank adapters.</summary>
internal static class LoraSettingsReader
{
    public const int DefaultRank = 16;

    /// <summary>The adapter to train; null to train the weights.</summary>
    public static LoraSettings? Read(LoraOptions options, CommandContext context, OptionChecks checks)
    {
        var wanted = context.IsGiven(options.Use)
            ? context.Get(options.Use)
            : options.All.Any(option => context.IsGiven(option) && option != options.FourBits && option != options.EightBits)
                || context.Get(options.FourBits) || context.Get(options.EightBits);
        var rank = context.Get(options.Rank) ?? DefaultRank;
        var settings = new LoraSettings
        {
            Rank = rank,
            Alpha = (float)(context.Get(options.Alpha) ?? 2.0 * Math.Max(1, rank)),
            Dropout = (float)context.Get(options.Dropout),
            RankStabilized = context.Get(options.RankStabilized),
            Targets = Targets(options, context, checks),
        };
        checks.Add(
            LoraLimits.Validate(settings),
            new OptionNames()
                .Add(nameof(settings.Rank), options.Rank)
                .Add(nameof(settings.Alpha), options.Alpha)
                .Add(nameof(settings.Dropout), options.Dropout));
        return wanted ? settings : null;
    }

    /// <summary>The type of file whose types the frozen weights are kept in; null for those that they have.</summary>
    public static GgufFileType? ReadQuantized(LoraOptions options, CommandContext context)
    {
        var name = context.Get(options.QuantizeBase)
            ?? (context.Get(options.FourBits) ? "Q4_K" : context.Get(options.EightBits) ? "Q8_0" : null);
        return name is null ? null : GgufFileType.Find(name) ?? GgufFileType.Find($"{name}_M");
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
