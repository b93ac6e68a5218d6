using System.CommandLine;
using Rebound.Agents.Conversion;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Trajectories;
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
        var tools = new Option<string?>("--tool-format")
        {
            HelpName = $"{ToolFormats.React}|{ToolFormats.Native}",
            Description = "Write calls of tools as text (Action: tool[argument]), for models whose template has none, or text as "
                + "native calls",
        };
        tools.AcceptOnlyFromAmong(ToolFormats.React, ToolFormats.Native);
        return new CliCommand("convert", "Write trajectories in another format", context => Run(context, input, output, to, tools))
        {
            Arguments = { input.Files },
            Needs = [input.Need],
            Options = { to, tools, output },
            Details = "Turns, loss flags, calls of tools, outcome, id, source and all further members are kept; what a format has "
                + "no place for is counted and said.",
            Examples =
            [
                "rebound data convert positive.json negative.json --to openai --output all.jsonl",
                "rebound data convert --input chats.jsonl --output chats.json --to nat",
                "rebound data convert logs --to openai --tool-format react --output logs.jsonl",
            ],
            MoreOptions = input.Options,
        };
    }

    private static int Run(CommandContext context, TrajectoryInput input, Option<string?> output, Option<string> to, Option<string?> tools)
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
                rows.Write(trajectories.Write(Convert(row.Trajectory, context.Get(tools))));
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

    private static Trajectory Convert(Trajectory trajectory, string? tools) => tools switch
    {
        ToolFormats.React => ReactConversion.Convert(trajectory),
        ToolFormats.Native => NativeConversion.Convert(trajectory),
        _ => trajectory,
    };
}
