using System.CommandLine;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data convert</c>: from any format of trajectories to one of them.</summary>
internal static class ConvertCommand
{
    public static CliCommand Create()
    {
        var input = new TrajectoryInput();
        var output = OptionOf.Text(
            "--output", "FILE", "Where to write: a JSON list if the name ends with .json, JSON lines otherwise (default standard output)");
        var to = new Option<string>("--to")
        {
            HelpName = string.Join('|', TrajectoryFormatNames.All.Select(format => format.Name)),
            Description = "Format to write",
            Required = true,
        };
        to.AcceptOnlyFromAmong([.. TrajectoryFormatNames.All.Select(format => format.Name)]);
        return new CliCommand("convert", "Write trajectories in another format", context => Run(context, input, output, to))
        {
            Arguments = { input.Files },
            Needs = [input.Need],
            Options = { to, output },
            Details = "Turns, loss flags, calls of tools, outcome, id, source and all further members are kept; what a format has "
                + "no place for is counted and said.",
            Examples =
            [
                "rebound data convert positive.json negative.json --to openai --output all.jsonl",
                "rebound data convert --input chats.jsonl --output chats.json --to nat",
            ],
            MoreOptions = input.Options,
        };
    }

    private static int Run(CommandContext context, TrajectoryInput input, Option<string?> output, Option<string> to)
    {
        var opened = input.Open(context);
        var path = context.Get(output);
        RowOutput.Check(opened.Files, (output.Name, path));
        var trajectories = new TrajectoryWriter(TrajectoryInput.Format(context.Require(to))!.Value);
        using var rows = RowOutput.Create(context, path);
        using (var progress = context.Terminal.StartProgress("Converting", total: null, "trajectories"))
        {
            foreach (var row in opened.Read())
            {
                rows.Write(trajectories.Write(row.Trajectory));
                progress.Report(rows.Count);
            }
        }

        rows.Complete(path is null ? null : $"rebound data show {ShellText.Quoted(path)}");
        foreach (var (what, count) in trajectories.Lost.OrderByDescending(lost => lost.Value))
        {
            context.Terminal.Note($"Not kept, {CountText.Of(count, "time")}: {what}.");
        }

        return ExitCode.Done;
    }
}
