using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Data;

/// <summary>The options of <c>rebound data show</c>: which trajectories, and how.</summary>
internal sealed class ShowOptions
{
    public readonly TrajectoryInput Input = new();

    public readonly DocumentOptions Documents = new(modelRequired: false);

    public readonly Option<string[]> Ids = new("--id")
    {
        HelpName = "ID...",
        Description = "Only trajectories with these ids",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public readonly Option<int[]> Rows = new("--row")
    {
        HelpName = "N...",
        Description = "Only these rows of each file, counted from 1",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public readonly Option<string?> Outcome = new("--outcome")
    {
        HelpName = "positive|negative|unscored",
        Description = "Only trajectories with this outcome",
    };

    public readonly Option<int?> Count = OptionOf.Number<int?>("--count", "Show so many at most (default 1, or all of --id and --row)");

    public ShowOptions() => Outcome.AcceptOnlyFromAmong(
        Trajectories.Outcome.Positive, Trajectories.Outcome.Negative, Trajectories.Outcome.Unscored);

    /// <summary>As help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new OptionGroup("Which", [Ids, Rows, Outcome, Count, .. Input.Options]),
        new OptionGroup("As a model reads them", [Documents.Model, .. Documents.Asking]),
    ];

    /// <summary>The rows that were asked for.</summary>
    /// <exception cref="InputException">There are none.</exception>
    public IReadOnlyList<TrajectoryRow> Choose(OpenedInput input, CommandContext context)
    {
        var (ids, rows, outcome) = (context.Require(Ids), context.Require(Rows), context.Get(Outcome));
        var checks = new OptionChecks(context);
        var count = checks.AtLeast(Count, 1) ?? (ids.Length + rows.Length > 0 ? int.MaxValue : 1);
        if (rows.Any(row => row < 1))
        {
            checks.Add($"{Rows.Name} is {rows.First(row => row < 1)}; rows are counted from 1.");
        }

        checks.ThrowIfAny();
        var chosen = input.Read(tellBadRows: false)
            .Where(row => ids.Length == 0 || ids.Contains(row.Trajectory.Id))
            .Where(row => rows.Length == 0 || rows.Contains(row.Trajectory.Row))
            .Where(row => outcome is null || row.Trajectory.Outcome.Name == outcome)
            .Take(count)
            .ToArray();
        if (rows.Except(chosen.Select(row => row.Trajectory.Row)).ToArray() is { Length: > 0 } absent
            && BeyondEnd(input, absent, context) is { } beyond)
        {
            throw new InputException(beyond);
        }

        return chosen.Length > 0
            ? chosen
            : throw new InputException(
                $"No trajectory of {string.Join(", ", input.Files)} is one that was asked for; --id, --row and --outcome all "
                    + "have to hold.");
    }

    /// <summary>That no file has a row of such a number, with how many there are; null where one has.</summary>
    private string? BeyondEnd(OpenedInput input, int[] rows, CommandContext context)
    {
        var counts = input.Files.Select(file =>
            (File: file, Rows: TrajectoryFile.CountAsync(file, context.Interrupted).GetAwaiter().GetResult())).ToArray();
        var beyond = rows.Where(row => counts.All(count => row > count.Rows)).ToArray();
        return beyond.Length == 0
            ? null
            : $"{Rows.Name} {string.Join(", ", beyond)}: "
                + $"{string.Join(", ", counts.Select(count => $"{count.File} has {CountText.Of(count.Rows, "row")}"))}.";
    }
}
