using Rebound.Cli.Ranks;

namespace Rebound.Cli.Train;

/// <summary><c>rebound train</c>: from trajectories to a fine-tuned model.</summary>
internal static class TrainCommand
{
    public static CliCommand Create()
    {
        var options = new TrainOptions();
        const string summary = "Fine-tune a model on successful and failed trajectories";
        return new CliCommand("train", summary, context => RankRefusal.Guard(
            context.Terminal, () => Prepare(options, context), run => run.Execute()))
        {
            RunsOnRanks = true,
            Details =
                "The prompt tells the model which outcome each trajectory had. The loss is on the assistant's turns and their stop token. "
                    + "Options may be written with underscores, as the NAT reference does, and may stand in a YAML file.",
            Examples =
            [
                "rebound train --model DIR --data trajectories.jsonl --output-dir OUT",
                "rebound train --model DIR --pos-path positive.json --neg-path negative.json --question-path train.jsonl --prompt "
                    + "yes-no-qa --output-dir OUT",
                "rebound train --model DIR --data trajectories.jsonl --output-dir OUT --plan",
                "rebound train --model model.gguf --data trajectories.jsonl --lora-rank 16 --output-dir ADAPTER",
                "rebound train --model DIR --data trajectories.jsonl --output-dir OUT --nproc-per-node 4 --zero 2",
                "rebound train run.yml",
                "rebound train run.yml --resume auto",
            ],
            Groups = TrainGroups.Of(options),
            MoreOptions = options.Accepted.All,
            Needs = [options.Documents.Trajectories],
        };
    }

    private static TrainRun Prepare(TrainOptions options, CommandContext context)
    {
        var ranks = new TrainRanks(options, context);
        var settings = new TrainSettingsReader(options, context, ranks.IsFirst).Read();
        var notes = ranks.Plan.IsSeveral ? settings.Notes.Prepend($"{ranks.Plan.Summary}.") : settings.Notes;
        return new TrainRun(settings with { Notes = [.. notes] }, options.Names, ranks, context);
    }
}
