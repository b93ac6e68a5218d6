using Rebound.Cli.Agents;
using Rebound.Study.Comparison;
using Rebound.Trajectories.Selection;
using Spectre.Console;

namespace Rebound.Cli.Demo;

/// <summary>Shows the results of a comparison in the terminal.</summary>
internal static class ComparisonView
{
    public static Table Scores(StudyResults results)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("method").AddColumn(new TableColumn("successes").RightAligned())
            .AddColumn(new TableColumn("failures").RightAligned()).AddColumn(new TableColumn("right, % (95 % interval)").RightAligned())
            .AddColumn("each seed");
        foreach (var score in results.Table.Scores)
        {
            table.AddRow(
                score.Arm.Method, $"{results.Settings.Successes:N0}", $"{score.Arm.Failures:N0}",
                IntervalText.Of(score.Mean, score.Interval, IntervalText.Plain),
                string.Join("  ", score.Seeds.Select(seed => $"{100 * seed:0.0}")));
        }

        foreach (var gap in results.Gaps)
        {
            table.AddRow(
                $"{gap.Arm.Method} − {gap.Other.Method}", "", $"{gap.Arm.Failures:N0}",
                IntervalText.Of(gap.Mean, gap.Interval, IntervalText.Signed),
                string.Join("  ", gap.Seeds.Select(seed => (100 * seed).ToString(IntervalText.Signed))));
        }

        return table;
    }

    public static Table Conditions(StudyResults results)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("nat, asked under")
            .AddColumn(new TableColumn("right, %").RightAligned()).AddColumn("each seed");
        foreach (var condition in ConditionAccuracy.Of(results))
        {
            table.AddRow(
                Markup.Escape(condition.Condition), $"{100 * condition.Mean:0.0}",
                string.Join("  ", condition.Seeds.Select(seed => $"{100 * seed:0.0}")));
        }

        return table;
    }
}
