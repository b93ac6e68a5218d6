using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>The table of figure 2 of the paper: every kind of run in every metric on every task.</summary>
internal static class ScoreSection
{
    public static string Of(IReadOnlyList<ScoreView> views, IReadOnlyList<Arm> all, ArmText arms)
    {
        var best = views.ToDictionary(view => view, view => view.Table.Scores.Max(score => score.Mean));
        var table = new HtmlTable([.. arms.Heads, "seeds", .. views.Select(Head)]);
        foreach (var arm in all.Where(arm => views.Any(view => view.Table.Of(arm) is not null)))
        {
            var scores = views.Select(view => (view, Score: view.Table.Of(arm))).ToArray();
            table.Add(
            [
                .. arms.Cells(arm),
                HtmlText.Count(scores.Max(score => score.Score?.Seeds.Count ?? 0)),
                .. scores.Select(score => score.Score is { } found ? Cell(found, found.Mean == best[score.view]) : ""),
            ]);
        }

        return "<h2>Scores</h2>" + table.ToHtml()
            + "<p>In %, with 95 % intervals of the mean over seeds and questions; the highest in bold. Single seeds are in scores.csv.</p>";
    }

    private static string Head(ScoreView view) =>
        HtmlText.Escape(view.Name)
        + $"<br>{HtmlText.Escape(view.Metric == TaskScores.Accuracy ? "accuracy" : view.Metric.ToUpperInvariant())}";

    private static string Cell(ArmScore score, bool isBest)
    {
        var mean = HtmlText.Percent(score.Mean);
        return $"{(isBest ? $"<b>{mean}</b>" : mean)} <small>{ScoreCells.Span(score.Interval, HtmlText.Percent)}</small>";
    }
}
