using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Rows;
using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Data;

/// <summary>The files of trajectories that a command reads, and what it does with rows that it cannot.</summary>
internal sealed class TrajectoryInput
{
    public readonly Argument<string[]> Files = new("file")
    {
        HelpName = "FILE",
        Description = "Trajectories: JSON lists or JSON lines, in any of the formats, or folders of such files",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _input = new("--input")
    {
        Description = "The same, as an option",
        HelpName = "FILE...",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string> _format = FormatOption();

    private readonly Option<string> _onBadRow = BadRowHandling.Option("Rows that are no trajectories");

    /// <summary>That there is something to read.</summary>
    public Need Need => new("the trajectories to read", Files, _input);

    public IEnumerable<Option> Options => [_input, _format, _onBadRow];

    /// <exception cref="InputException">A file is absent.</exception>
    public OpenedInput Open(CommandContext context)
    {
        var checks = new OptionChecks(context);
        string[] files = [.. context.Get(Files) ?? [], .. context.Require(_input)];
        foreach (var problem in files.Select(PathChecks.ProblemOfData).OfType<string>())
        {
            checks.Add(problem);
        }

        checks.ThrowIfAny();
        return new OpenedInput(
            context, [.. files.SelectMany(DataFiles.Of)], Format(context.Require(_format)), BadRowHandling.Skips(context, _onBadRow));
    }

    public static Option<string> FormatOption() => OptionOf.OneOf(
        "--format", "Format of the trajectories; auto tells it from each row",
        ["auto", .. TrajectoryFormatNames.All.Select(format => format.Name)]);

    /// <summary>The format of a name; null for <c>auto</c>.</summary>
    public static TrajectoryFormat? Format(string name) =>
        TrajectoryFormatNames.All.FirstOrDefault(format => format.Name == name)?.Format;
}

/// <summary>Files of trajectories that are there.</summary>
internal sealed class OpenedInput(CommandContext context, IReadOnlyList<string> files, TrajectoryFormat? format, bool skipBadRows)
{
    public IReadOnlyList<string> Files { get; } = files;

    /// <summary>Whether rows that are no trajectories are left out.</summary>
    public bool SkipsBadRows { get; } = skipBadRows;

    /// <summary>The format of all rows; null where each says it itself.</summary>
    public TrajectoryFormat? Format { get; } = format;

    /// <summary>
    /// Rows of all files, one at a time. Bad rows that are left out are told at the end, and counted by kind; otherwise no
    /// row follows the first bad one, and the end is an error that names the first few (<see cref="BadRowHandling"/>).
    /// </summary>
    /// <param name="tellBadRows">False for a second reading of the same files.</param>
    /// <exception cref="InputException">Rows are bad and not to be left out, or all are.</exception>
    /// <exception cref="DataException">A file cannot be read.</exception>
    public IEnumerable<TrajectoryRow> Read(bool tellBadRows = true)
    {
        var bad = new BadRowHandling(context, SkipsBadRows);
        foreach (var file in Files)
        {
            foreach (var row in TrajectoryFile.ReadRowsAsync(file, Format, bad.Leave).ToBlockingEnumerable())
            {
                context.Interrupted.ThrowIfCancellationRequested();
                if (bad.Takes())
                {
                    yield return row;
                }
            }
        }

        bad.End(tellBadRows);
    }
}
