using Rebound.Agents.Evaluation;
using Rebound.Study.Comparison;
using Spectre.Console;

namespace Rebound.Cli.Demo;

/// <summary>What a comparison came to, in the terminal.</summary>
internal static class ComparisonView
{
    private const string Signed = "+0.0;−0.0;0.0";

    public static Table Scores(StudyResults results)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("method").AddColumn(new TableColumn("successes").RightAligned())
            .AddColumn(new TableColumn("failures").RightAligned()).AddColumn(new TableColumn("right, % (95 % interval)").RightAligned())
            .AddColumn("each seed");
        foreach (var score in results.Scores)
        {
            table.AddRow(
                score.Method.ToString().ToLowerInvariant(), $"{results.Settings.Successes:N0}", $"{score.Negatives:N0}",
                Share(score.Mean, score.Interval, "0.0"), string.Join("  ", score.Seeds.Select(seed => $"{100 * seed:0.0}")));
        }

        foreach (var gap in results.Gaps)
        {
            table.AddRow(
                $"{gap.Method.ToString().ToLowerInvariant()} − {gap.Other.ToString().ToLowerInvariant()}", "", $"{gap.Negatives:N0}",
                Share(gap.Mean, gap.Interval, Signed), string.Join("  ", gap.Seeds.Select(seed => (100 * seed).ToString(Signed))));
        }

        return table;
    }

    public static Table Conditions(StudyResults results)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("nat, asked under").AddColumn(new TableColumn("right, %").RightAligned()).AddColumn("each seed");
        foreach (var condition in ConditionAccuracy.Of(results))
        {
            table.AddRow(
                Markup.Escape(condition.Condition), $"{100 * condition.Mean:0.0}", string.Join("  ", condition.Seeds.Select(seed => $"{100 * seed:0.0}")));
        }

        return table;
    }

    private static string Share(double mean, Interval interval, string format) =>
        $"{(100 * mean).ToString(format)} ({(100 * interval.Low).ToString(format)} to {(100 * interval.High).ToString(format)})";
}
