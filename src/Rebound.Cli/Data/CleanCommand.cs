using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Cleaning.Redaction;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data clean</c>: leaves out what should not be learned, and says how much and why.</summary>
internal static class CleanCommand
{
    public static CliCommand Create()
    {
        var options = new CleanOptions();
        return new CliCommand("clean", "Leave out duplicates, unfinished and other trajectories; replace personal data", context =>
            Run(context, options))
        {
            Arguments = { options.Input.Files },
            Needs = [options.Input.Need],
            Details = "Without options, empty episodes and exact duplicates are left out. Rows are written as they are; with --redact "
                + "marks take the place of personal data and secrets. A duplicate says the same in all turns; where the assistant speaks "
                + "first, so that the question stands elsewhere, it has the same id too.",
            Examples =
            [
                "rebound data clean positive.json negative.json --output clean.jsonl --dropped dropped.jsonl --duplicates normalized "
                    + "--drop-unfinished",
                "rebound data clean all.jsonl --max-turns 10 --max-tokens 2000 --tokenizer DIR",
                "rebound data clean logs.jsonl --output clean.jsonl --redact --redact-pattern customer=C-[0-9]{6}",
            ],
            Groups = options.Groups,
        };
    }

    private static int Run(CommandContext context, CleanOptions options)
    {
        var (cleaner, redactor) = (new Cleaner(options.Read(context)), options.ReadRedactor(context));
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
                Write(redactor?.Redact(row.Json) ?? JsonObject.Create(row.Json)!, cleaner.ReasonToDrop(row.Trajectory), kept, left);
                progress.Report(++read);
            }
        }

        kept?.Complete($"rebound data show {ShellText.Quoted(output!)}");
        left?.Complete();
        if (output is not "-" && dropped is not "-")
        {
            CleanView.Show(context, cleaner, redactor);
        }

        return ExitCode.Done;
    }

    private static void Write(JsonObject json, string? reason, RowWriter? kept, RowWriter? dropped)
    {
        if (reason is null)
        {
            kept?.Write(json);
            return;
        }

        json[CleanView.ReasonField] = reason;
        dropped?.Write(json);
    }
}
