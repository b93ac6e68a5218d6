using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;
using Spectre.Console;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data split</c>: two files, with no question in both.</summary>
internal static class SplitCommand
{
    public static CliCommand Create()
    {
        var input = new TrajectoryInput();
        var heldOut = OptionOf.Number("--held-out", "Questions to hold out: from 1 on a number of them, below it a share", 0.1);
        var seed = OptionOf.Number("--seed", "Seed of the choice", 42L);
        var output =
            new Option<string>("--output") { HelpName = "FILE", Description = "Where to write the rows to train on", Required = true };
        var heldOutOutput = new Option<string>("--held-out-output")
        {
            HelpName = "FILE",
            Description = "Where to write the rows that are held out",
            Required = true,
        };
        return new CliCommand(
            "split", "Hold questions out of training", context => Run(context, input, heldOut, seed, output, heldOutOutput))
        {
            Arguments = { input.Files },
            Needs = [input.Need],
            Options = { output, heldOutOutput, heldOut, seed },
            Details = "All trajectories of a question go to the same side. Questions are told apart by id, and rows without one by what is "
                + "said before the assistant's first turn. Questions with successes only, with failures only and with both keep their "
                + "shares. Rows are written as they are: as a JSON list if the name ends with .json, as JSON lines otherwise.",
            Examples =
            [
                "rebound data split positive.json negative.json --held-out 0.1 --output train.jsonl --held-out-output held-out.jsonl",
            ],
            MoreOptions = input.Options,
        };
    }

    private static int Run(
        CommandContext context, TrajectoryInput input, Option<double> heldOut, Option<long> seed,
        Option<string> output, Option<string> heldOutOutput)
    {
        var amount = context.Require(heldOut);
        if (!(amount > 0) || (amount >= 1 && amount != Math.Floor(amount)) || amount > int.MaxValue)
        {
            throw new InputException($"{heldOut.Name} is {amount}; it must be a share between 0 and 1, or a whole number of questions.");
        }

        var opened = input.Open(context);
        var (trainPath, heldOutPath) = (context.Require(output), context.Require(heldOutOutput));
        RowOutput.Check(opened.Files, (output.Name, trainPath), (heldOutOutput.Name, heldOutPath));
        var held = Choose(opened, new HeldOutAmount(amount), context.Require(seed));
        using var train = RowOutput.Create(context, trainPath);
        using var rest = RowOutput.Create(context, heldOutPath);
        var counts = new Dictionary<(string Outcome, bool HeldOut), int>();
        foreach (var row in opened.Read())
        {
            var isHeldOut = held.Contains(row.Trajectory.QuestionKey);
            (isHeldOut ? rest : train).Write(JsonObject.Create(row.Json)!);
            var key = (row.Trajectory.Outcome.Name, isHeldOut);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        train.Complete();
        rest.Complete();
        Show(context, counts, (trainPath, train), (heldOutPath, rest), held.Count);
        context.Terminal.Next("Count them", $"rebound data stats {ShellText.Quoted(trainPath)} {ShellText.Quoted(heldOutPath)}");
        return ExitCode.Done;
    }

    private static HashSet<string> Choose(OpenedInput opened, HeldOutAmount amount, long seed)
    {
        var trajectories = opened.Read(tellBadRows: false)
            .Select(row => (row.Trajectory.QuestionKey, row.Trajectory.Outcome.Name))
            .ToArray();
        return QuestionSplit.HeldOut(trajectories, amount, seed);
    }

    private static void Show(
        CommandContext context,
        Dictionary<(string Outcome, bool HeldOut), int> counts,
        (string Path, RowWriter Rows) train,
        (string Path, RowWriter Rows) heldOut,
        int questions)
    {
        if (context.Terminal.Quiet)
        {
            return;
        }

        var table = DataTable.Create("outcome", train.Path, heldOut.Path, "held out");
        foreach (var outcome in new[] { Outcome.Positive, Outcome.Negative, Outcome.Unscored })
        {
            var (kept, held) = (counts.GetValueOrDefault((outcome, false)), counts.GetValueOrDefault((outcome, true)));
            if (kept + held > 0)
            {
                DataTable.AddRow(table, outcome, $"{kept:N0}", $"{held:N0}", DataTable.Share(held, kept + held));
            }
        }

        DataTable.AddTotal(
            table, "all", $"{train.Rows.Count:N0}", $"{heldOut.Rows.Count:N0}",
            DataTable.Share(heldOut.Rows.Count, train.Rows.Count + heldOut.Rows.Count));
        context.Terminal.Write(table);
        context.Terminal.Output.WriteLine($"{questions:N0} questions are held out, with all their trajectories.");
    }
}
