using System.CommandLine;
using Rebound.Cli.Options;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c> about checkpoints, by transformers' names.</summary>
internal sealed class SavingOptions
{
    public readonly Option<string> Strategy = OptionOf.OneOf(
        "--save-strategy", "When checkpoints are saved; the trained model is written at the end in any case", "steps", "epoch", "no");

    public readonly Option<double?> Interval = OptionOf.Number<double?>(
        "--save-steps", "Steps between checkpoints; below 1 a share of the run's steps", 500);

    public readonly Option<int?> Limit = OptionOf.Number<int?>("--save-total-limit", "Keep the newest N checkpoints (default all)");

    public readonly Option<string?> Resume = new("--resume", "--resume-from-checkpoint")
    {
        HelpName = "auto|PATH",
        Description = "Go on from a checkpoint, or from the newest one of the output folder; begin if there is none",
        Arity = ArgumentArity.ZeroOrOne,
    };
}
