using Rebound.Cli.Agents;
using Rebound.Study.Improvement;
using Spectre.Console;

namespace Rebound.Cli.Improve;

/// <summary>Shows the rounds of an improvement as a table, narrow enough for a terminal of 80 columns.</summary>
internal static class RoundsView
{
    public static Table Of(ImprovementResults results)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("round").AddColumn(new TableColumn("tries right").RightAligned())
            .AddColumn(new TableColumn("learned").RightAligned()).AddColumn(new TableColumn("right, % (95 %)").RightAligned())
            .AddColumn(new TableColumn("change (95 %)").RightAligned());
        foreach (var (index, round) in results.Rounds.Index())
        {
            var change = index == 0 ? null : results.Changes[index - 1];
            table.AddRow(
                round.Round == 0 ? "start" : $"{round.Round}",
                round.Collected is { } tries ? $"{tries.Successes:N0}/{tries.Tries:N0}" : "",
                round.Learned is { } learned ? $"{learned.Successes:N0} + {learned.Failures:N0}" : "",
                Accuracy(round),
                change is null ? "" : IntervalText.Of(change.Difference, change.Interval, IntervalText.Signed));
        }

        return table;
    }

    /// <summary>In percent, with its interval.</summary>
    public static string Accuracy(RoundRecord round) =>
        IntervalText.Of(round.HeldOut.Accuracy, round.HeldOut.Interval, IntervalText.Plain);
}
