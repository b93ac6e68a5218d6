using System.CommandLine;
using Rebound.Cli.Options;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c> about the loss of what is not trained on.</summary>
internal sealed class HeldOutEvaluationOptions
{
    public readonly Option<double?> HeldOut = OptionOf.Number<double?>(
        "--held-out", "Keep N questions with all their trajectories out of training, below 1 a share of them, and show their loss");

    public readonly Option<string?> Path = OptionOf.Text(
        "--eval-path", "FILE", "Trajectories whose loss is shown; their reward tells their outcome");

    public readonly Option<string> Strategy = new("--eval-strategy", "--evaluation-strategy")
    {
        HelpName = "epoch|steps|no",
        Description = "When it is shown besides at the end",
        DefaultValueFactory = _ => "epoch",
    };

    public readonly Option<double?> Interval = OptionOf.Number<double?>(
        "--eval-steps", "Steps between two times; below 1 a share of the run's steps (default those of --logging-steps)");

    public HeldOutEvaluationOptions() => Strategy.AcceptOnlyFromAmong("epoch", "steps", "no");
}
