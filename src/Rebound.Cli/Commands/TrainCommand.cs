using System.Text.Json.Nodes;
using Rebound.Cli.Train;

namespace Rebound.Cli.Commands;

/// <summary><c>rebound train</c>: from trajectories to a fine-tuned model.</summary>
internal static class TrainCommand
{
    public static CliCommand Create()
    {
        var options = new TrainOptions();
        const string summary = "Fine-tune a model on successful and failed trajectories";
        return new CliCommand("train", summary, context => Run(options, context))
        {
            Details = "The condition text of the prompt file tells the model which outcome each trajectory had. The loss "
                + "is on the assistant's turns and their stop token. Options may be written with underscores, as the NAT "
                + "reference does.",
            Examples =
            [
                "rebound train --model DIR --output-dir OUT --pos-path positive.json --neg-path negative.json "
                + "--question-path train.jsonl --prompt-path prompts.json --template zero-shot-target-aware --max-steps 20",
            ],
            MoreOptions = options.All,
        };
    }

    private static int Run(TrainOptions options, CommandContext context)
    {
        var settings = new TrainSettingsReader(options, context).Read();
        using var run = TrainRun.Prepare(settings, context);
        return run.Execute();
    }
}
