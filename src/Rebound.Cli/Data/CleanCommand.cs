using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data clean</c>: leaves out what should not be learned, and says how much and why.</summary>
internal static class CleanCommand
{
    private const string ReasonField = "dropped";

    public static CliCommand Create()
    {
        var options = new CleanOptions();
        return new CliCommand("clean", "Leave out duplicates, unfinished and other trajectories", context => Run(context, options))
        {
            Arguments = { options.Input.Files },
            Needs = [options.Input.Need],
            Details = "Without options, empty episodes and exact duplicates are left out. Rows are written as they are. A duplicate says "
                + "the same in all turns; where the assistant speaks first, so that the question stands elsewhere, it has the same id too.",
            Examples =
            [
                "rebound data clean positive.json negative.json --output clean.jsonl --dropped dropped.jsonl --duplicates normalized "
                    + "--drop-unfinished",
                "rebound data clean all.jsonl --max-turns 10 --max-tokens 2000 --tokenizer DIR",
            ],
            Groups = options.Groups,
        };
    }

    private static int Run(CommandContext context, CleanOptions options)
    {
        var cleaner = new Cleaner(options.Read(context));
        var opened = options.Input.Open(context);
        var (output, dropped) = (context.Get(options.Output), context.Get(options.Dropped));
        RowOutput.Check(opened.Files, (options.Output.Name, output), (options.Dropped.Name, dropped));
        using var kept = output is null ? null : RowOutput.Create(context, output);
        using var left = dropped is null ? null : RowOutput.Create(context, dropped);
        using (var progress = context.Terminal.StartProgress("Cleaning", total: null, "trajectories"))
        {
            var read = 0;
            foreach (var row in opened.Read())
            {
                Write(row, cleaner.ReasonToDrop(row.Trajectory), kept, left);
                progress.Report(++read);
            }
        }

        kept?.Complete($"rebound data show {ShellText.Quoted(output!)}");
        left?.Complete();
        if (output is not "-" && dropped is not "-")
        {
            Show(context, cleaner);
        }

        return ExitCode.Done;
    }

    private static void Write(TrajectoryRow row, string? reason, RowWriter? kept, RowWriter? dropped)
    {
        var json = JsonObject.Create(row.Json)!;
        if (reason is null)
        {
            kept?.Write(json);
            return;
        }

        json[ReasonField] = reason;
        dropped?.Write(json);
    }

    private static void Show(CommandContext context, Cleaner cleaner)
    {
        var all = cleaner.Kept + cleaner.Dropped.Values.Sum();
        if (context.Get(SharedOptions.Json))
        {
            var reasons = new JsonObject();
            foreach (var (reason, count) in cleaner.Dropped)
            {
                reasons[reason] = count;
            }

            context.Terminal.WriteJson(new JsonObject { ["trajectories"] = all, ["kept"] = cleaner.Kept, [ReasonField] = reasons });
            return;
        }

        var table = DataTable.Create("", "trajectories", "share");
        foreach (var (reason, count) in cleaner.Dropped.OrderByDescending(reason => reason.Value))
        {
            DataTable.AddRow(table, reason, $"{count:N0}", DataTable.Share(count, all));
        }

        DataTable.AddTotal(table, "kept", $"{cleaner.Kept:N0}", DataTable.Share(cleaner.Kept, all));
        DataTable.AddRow(table, "read", $"{all:N0}", "");
        context.Terminal.Write(table);
    }
}
