using System.Text;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Several tries at a question: the chance that one is right, and what the model's own verdict makes of them.</summary>
internal static class TrySection
{
    /// <summary>Letters of a name that has room at the end of its line.</summary>
    private const int LongestName = 10;

    public static string Of(IReadOnlyList<MeasuredRun> runs, ArmText arms, MethodLook look)
    {
        var tasks = runs.SelectMany(run => run.Tasks).Where(task => task.Tries.Count > 0).Select(task => task.Task).Distinct().ToArray();
        return tasks.Length == 0 ? "" : "<h2>Several tries</h2><p>pass@k is the chance that one of k tries is right (unbiased, from all "
            + "tries). The verdict of a model on a try is its log-probability under the condition of successes less that under the one of "
            + "failures: AUC is the chance that a right try has the better verdict than a wrong one, over all questions together; best of "
            + "k is the accuracy where the verdict chooses among k tries.</p>"
            + string.Concat(tasks.Select(task => Of(runs, task, arms, look)));
    }

    private static string Of(IReadOnlyList<MeasuredRun> runs, string task, ArmText arms, MethodLook look)
    {
        var tried = DerivedScores.OfTries(runs, task);
        var counts = DerivedScores.Counts(runs, task);
        var passes = counts.Select(k => new ScoreTable(tried, [task], DerivedScores.PassAt(k))).ToArray();
        var best = counts.Select(k => new ScoreTable(tried, [task], DerivedScores.BestOf(k))).ToArray();
        var verdicts = VerdictArea.Of(runs, task);
        var table = new HtmlTable(
        [
            .. arms.Heads, .. counts.Select(DerivedScores.PassAt),
            .. verdicts.Count == 0 ? [] : counts.Skip(1).Select(DerivedScores.BestOf).Prepend("AUC of the verdict"),
        ]);
        foreach (var arm in passes[0].Scores.Select(score => score.Arm))
        {
            table.Add(
            [
                .. arms.Cells(arm),
                .. passes.Select(found => Cell(found.Of(arm))),
                .. verdicts.Count == 0 ? [] : best.Skip(1).Select(found => Cell(found.Of(arm)))
                    .Prepend(verdicts.FirstOrDefault(verdict => verdict.Arm == arm) is { } area
                        ? ScoreCells.WithInterval(area.Mean, area.Interval, Area)
                        : ""),
            ]);
        }

        var first = tried[0].Tasks[0];
        return $"<h3>{HtmlText.Escape(task)}: {HtmlText.Count(first.Questions.Count)} questions, {HtmlText.Count(counts[^1])} tries</h3>"
            + Chart(task, passes, counts, arms, look) + table.ToHtml();
    }

    /// <summary>pass@k of every method with the most failures that it learned from.</summary>
    private static string Chart(string task, ScoreTable[] passes, IReadOnlyList<int> counts, ArmText arms, MethodLook look)
    {
        var settings = passes[0].Scores.Select(score => score.Arm).GroupBy(arm => (arm.Model, arm.Successes)).ToArray();
        var html = new StringBuilder();
        foreach (var setting in settings.Where(setting => counts.Count > 1 && setting.All(arm => arm.Method.Length <= LongestName)))
        {
            var shown = setting.GroupBy(arm => arm.Method).Select(method => method.MaxBy(arm => arm.Failures ?? 0)!);
            var name = arms.Setting(setting.Key.Model, setting.Key.Successes) is { Length: > 0 } text ? $" ({text})" : "";
            html.Append(new LineChart($"{task}{name}: pass@k, each method with the most failures", "k", "right, %",
            [
                .. shown.Select(arm => new ChartSeries(
                    MethodLook.NameOf(arm.Method), look.StyleOf(arm.Method),
                    [.. counts.Zip(passes, (k, table) => ((double)k, 100 * table.Of(arm)!.Mean))])
                {
                    Band =
                    [
                        .. counts.Zip(passes, (k, table) => (
                            (double)k, 100 * table.Of(arm)!.Interval.Low, 100 * table.Of(arm)!.Interval.High)),
                    ],
                }),
            ]).ToHtml());
        }

        return html.ToString();
    }

    private static string Cell(ArmScore? score) =>
        score is null ? "" : ScoreCells.WithInterval(score.Mean, score.Interval, HtmlText.Percent);

    private static string Area(double value) => value.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture);
}
