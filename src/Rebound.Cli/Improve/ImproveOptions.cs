using System.CommandLine;
using Rebound.Agents.Runs;
using Rebound.Cli.Agents;
using Rebound.Cli.Collect;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Train;
using Rebound.Study.Improvement;

namespace Rebound.Cli.Improve;

/// <summary>The options of <c>rebound improve</c>: its own, and those of collecting, training and evaluating by the same names.</summary>
internal sealed class ImproveOptions
{
    public readonly AgentOptions Agent = new();

    public readonly QuestionOptions Questions = new("train");

    public readonly QuestionOptions HeldOut;

    public readonly TrainOptions Train = new();

    public readonly CollectOptions Collect = new();

    public readonly EndpointOptions Endpoint = new("--teacher-model", "--teacher-endpoint", "--teacher-base-url");

    public readonly Option<string?> Teacher = new("--teacher-model", "--teacher")
    {
        Description = "Let this model behind a server make the tries of the first round, by the name that the server knows",
        HelpName = "NAME",
    };

    public readonly Option<int> Rounds = OptionOf.Number("--rounds", "Rounds; more of them may be asked for later", 3);

    public readonly Option<double?> Minutes = new("--budget-minutes", "--max-time")
    {
        Description = "Begin no round that would not end within so many minutes, were it as long as the last; the first is always made",
        HelpName = "N",
    };

    public readonly Option<long?> Tokens = OptionOf.Number<long?>(
        "--budget-tokens", "Begin no round after this many tokens, read and written in tries and evaluations");

    public readonly Option<string> From = OptionOf.OneOf(
        "--from", "Train every round from the model to begin with, or from that of the round before, as nft and grpo do by default",
        "base", "current");

    public readonly Option<string> Successes = OptionOf.OneOf(
        "--successes", "Learn from the successes of all rounds, or of the newest, as nft and grpo do by default", "all", "newest");

    public readonly Option<string> Failures = OptionOf.OneOf(
        "--failures", "Learn from the failures of the newest round, or of all", "newest", "all");

    public readonly Option<string> Duplicates = OptionOf.OneOf(
        "--duplicates",
        "Learn once from tries that say the same; normalized: but for case and white space; nft and grpo keep all by default",
        "exact", "normalized", "keep");

    public readonly Option<double> Temperature = OptionOf.Number(
        "--temperature", "The temperature of answers to held-out questions; 0 takes the likeliest token", 0.2);

    public readonly Option<int> Concurrency = new("--concurrency", "--batch-size")
    {
        Description = "Episodes at once on a device, which share one generation batch",
        HelpName = "N",
        DefaultValueFactory = _ => 16,
    };

    public readonly PartOptions Parts = PartOptions.OfCopies();

    public readonly Option<string> OutputFolder = new("--output-dir")
    {
        Description = "The folder of all rounds; an improvement that is there already goes on",
        HelpName = "DIR",
        Required = true,
    };

    public ImproveOptions() => HeldOut = Questions.HeldOut();

    /// <summary>The options' names here, by their names in the library.</summary>
    public OptionNames Names => new OptionNames()
        .Add(nameof(ImprovementOptions.Rounds), Rounds)
        .Add(nameof(ImprovementOptions.Time), Minutes)
        .Add(nameof(ImprovementOptions.Tokens), Tokens)
        .Add(nameof(ImprovementOptions.EvaluationTemperature), Temperature)
        .Add(nameof(CollectionOptions.Temperatures), Collect.Temperatures)
        .Add(nameof(CollectionOptions.Samples), Collect.Samples)
        .Add(nameof(CollectionOptions.Concurrency), Concurrency);
}
