using System.Text.RegularExpressions;
using Rebound.Training.Checkpoints;

namespace Rebound.Cli.Hub;

/// <summary>The options of a training that a model card tells: numbers and choices, and never a path.</summary>
internal static partial class RecordedOptions
{
    private static readonly string[] Told =
    [
        "model-max-length", "excess-length", "negative-loss", "negative-weight", "unlikelihood-alpha", "beta", "pairs",
        "desirable-weight", "undesirable-weight", "kl-share", "nft-epsilon", "clip-range", "num-train-epochs", "max-steps",
        "per-device-train-batch-size", "gradient-accumulation-steps", "learning-rate", "lr-scheduler-type", "warmup-ratio",
        "warmup-steps", "max-grad-norm", "weight-decay", "adam-beta1", "adam-beta2", "adam-epsilon", "seed", "lora-rank", "lora-alpha",
        "lora-dropout", "rslora", "quantize-base", "load-in-4bit", "load-in-8bit", "held-out",
    ];

    /// <summary>Numbers of methods, which mean nothing where another method was chosen: told where they were set.</summary>
    private static readonly string[] WhenSet =
    [
        "excess-length", "negative-loss", "negative-weight", "unlikelihood-alpha", "beta", "pairs", "desirable-weight",
        "undesirable-weight", "kl-share", "nft-epsilon", "clip-range", "lora-dropout", "rslora", "load-in-4bit", "load-in-8bit",
    ];

    /// <summary>Of a run's folder; none where no options were recorded.</summary>
    public static IReadOnlyList<(string Name, string Value)> Of(string folder)
    {
        var path = new RunFolder(folder).OptionsPath;
        return !File.Exists(path) ? [] :
        [
            .. File.ReadLines(path).Select(line => Line().Match(line)).Where(match => match.Success)
                .Select(match => (
                    Name: match.Groups["name"].Value, Value: match.Groups["value"].Value, IsSet: !match.Groups["default"].Success))
                .Where(option => Told.Contains(option.Name) && (option.IsSet || !WhenSet.Contains(option.Name)))
                .Select(option => (option.Name, option.Value.Trim('"'))),
        ];
    }

    /// <summary>A line as a run writes it: <c>name: value  # where it was set</c>, and a comment wholly where it is a default.</summary>
    [GeneratedRegex(
        "^(?<default># )?(?<name>[a-z0-9-]+): (?<value>[^#\\n]*?)  # ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
