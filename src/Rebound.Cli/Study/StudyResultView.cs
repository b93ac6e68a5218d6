using Rebound.Cli.Agents;
using Rebound.Study.Reporting;
using Rebound.Study.Results;
using Spectre.Console;

namespace Rebound.Cli.Study;

/// <summary>Shows the scores of a comparison in the terminal.</summary>
internal static class StudyResultView
{
    // More differences than this do not help a reader of a terminal.
    private const int MaximumDifferences = 24;

    /// <summary>
    /// The mean over tasks, or the one task, with the paired differences where most failures were learned from: of many methods those from
    /// training without failures alone.
    /// </summary>
    public static Table Scores(ComparisonReport report)
    {
        var view = report.Views[0];
        var hasSuccesses = view.Table.Scores.Any(score => score.Arm.Successes is not null);
        var hasFailures = view.Table.Scores.Any(score => score.Arm.Failures is not null);
        var table = new Table().Border(TableBorder.Simple).AddColumn(hasFailures ? "method" : "run");
        string[] heads =
        [
            .. hasSuccesses ? ["successes"] : Array.Empty<string>(), .. hasFailures ? ["failures"] : Array.Empty<string>(), "seeds",
            $"{view.Name}: {view.Metric}, % (95 % interval)",
        ];
        foreach (var head in heads)
        {
            table.AddColumn(new TableColumn(Markup.Escape(head)).RightAligned());
        }

        foreach (var score in view.Table.Scores)
        {
            Add(score.Arm.Method, score.Arm, score.Seeds.Count, IntervalText.Of(score.Mean, score.Interval, IntervalText.Plain));
        }

        var most = view.Table.Scores.GroupBy(score => (score.Arm.Model, score.Arm.Successes))
            .ToDictionary(setting => setting.Key, setting => setting.Max(score => score.Arm.Failures));
        ArmGap[] gaps =
        [
            .. report.Pairs.Where(pair => pair.Arm.Failures == most.GetValueOrDefault((pair.Arm.Model, pair.Arm.Successes)))
                .Select(pair => view.Table.Between(pair.Arm, pair.Other)).OfType<ArmGap>(),
        ];
        if (gaps.Length > MaximumDifferences)
        {
            table.Caption($"{gaps.Length} differences are in the report; these are from training without failures.");
            gaps = [.. gaps.Where(gap => gap.Other.Failures != gap.Arm.Failures)];
        }

        foreach (var gap in gaps)
        {
            var other = gap.Other.Failures == gap.Arm.Failures ? gap.Other.Method : $"{gap.Other.Method} without failures";
            Add(
                $"{gap.Arm.Method} − {other}", gap.Arm, gap.Seeds.Count,
                IntervalText.Of(gap.Mean, gap.Interval, IntervalText.Signed));
        }

        return table;

        void Add(string name, Arm arm, int seeds, string score) => table.AddRow(
        [
            Markup.Escape(arm.Model.Length > 0 ? $"{name}, {arm.Model}" : name),
            .. hasSuccesses ? [$"{arm.Successes:N0}"] : Array.Empty<string>(),
            .. hasFailures ? [$"{arm.Failures:N0}"] : Array.Empty<string>(),
            $"{seeds}", score,
        ]);
    }
}
