using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Training.Documents;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data render</c>: the documents that training reads, as tokens and labels.</summary>
internal static class RenderCommand
{
    public static CliCommand Create()
    {
        var options = new DocumentOptions();
        var output = OptionOf.Text("--output", "FILE", "Where to write (default standard output)");
        return new CliCommand(
            "render", "Write the tokens and labels that training reads", context => Run(context, options, output))
        {
            Options = { output },
            Needs = [options.Trajectories],
            Details = "Rows have id, input_ids and labels (-100 outside the loss), and logprobs where turns keep the tokens that they were "
                + "generated with, in the order in which 'rebound train' with the same options reads them before it shuffles; from "
                + "a trajectory that needs several documents come several rows. Rows that have nothing in the loss are written too, unless "
                + "--on-bad-row is skip.",
            Examples =
            [
                "rebound data render --model DIR --pos-path positive.json --neg-path negative.json --question-path train.jsonl "
                + "--prompt-path prompts.json --template zero-shot-target-aware --output rows.jsonl",
            ],
            MoreOptions = options.All,
        };
    }

    private static int Run(CommandContext context, DocumentOptions options, Option<string?> output)
    {
        var checks = new OptionChecks(context);
        var settings = DocumentSettings.Read(options, context, checks);
        checks.ThrowIfAny();
        var path = context.Get(output);
        RowOutput.Check(settings.Files, (output.Name, path));
        var all = settings with { Data = settings.Data with { KeepUnsupervised = !settings.Data.SkipBadRows } };
        var data = all.Load(TextSource.Open(settings.Model, context.Terminal.Warn), options, context.Interrupted);
        using var rows = RowOutput.Create(context, path);
        foreach (var document in data.Dataset.Documents)
        {
            rows.Write(Row(document));
        }

        rows.Complete();
        string[] summary = [DataSummary.Heading, .. data.Dataset.Counts.Select(DataSummary.Row), DataSummary.Method(data),
            .. DataSummary.TokenIds(data), .. DataSummary.Exceptions(data)];
        foreach (var line in summary)
        {
            context.Terminal.Note(line);
        }

        if (data.Dataset.Documents.Count(document => document.SupervisedTokens == 0) is > 0 and var unsupervised)
        {
            context.Terminal.Note(
                $"          {unsupervised:N0} documents have nothing to learn: training stops at them, or leaves them out with "
                    + "--on-bad-row skip");
        }

        return ExitCode.Done;
    }

    private static JsonObject Row(TokenizedDocument document)
    {
        var row = new JsonObject
        {
            ["id"] = document.Id,
            ["input_ids"] = Numbers(document.Tokens),
            ["labels"] = Numbers(document.Labels),
        };
        if (document.LogProbabilities is { } known)
        {
            row["logprobs"] = new JsonArray([.. known.Select(number => float.IsNaN(number) ? null : JsonValue.Create(number))]);
        }

        return row;
    }

    private static JsonArray Numbers(int[] values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
