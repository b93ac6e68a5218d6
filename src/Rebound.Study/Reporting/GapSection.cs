using System.Text;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Paired differences: methods with each other at the same numbers, and with training without failures.</summary>
internal static class GapSection
{
    public static string Of(IReadOnlyList<ScoreView> views, IReadOnlyList<(Arm Arm, Arm Other)> pairs, ArmText arms)
    {
        var html = new StringBuilder();
        foreach (var (place, view) in views.Index())
        {
            var table = new HtmlTable([.. arms.Heads, "difference, points", "each seed"]);
            foreach (var gap in pairs.Select(pair => view.Table.Between(pair.Arm, pair.Other)).OfType<ArmGap>())
            {
                table.AddStyled(
                    gap.IsClear ? "clear" : "gap",
                    [
                        .. arms.Cells(gap.Arm, gap.Other), ScoreCells.WithInterval(gap.Mean, gap.Interval, HtmlText.SignedPercent),
                        ScoreCells.Joined(gap.Seeds, HtmlText.SignedPercent),
                    ]);
            }

            var name = HtmlText.Escape(view.Name) + (view.Metric == TaskScores.Accuracy ? "" : $", {view.Metric.ToUpperInvariant()}");
            html.Append(table.IsEmpty ? ""
                : place == 0 ? $"<h3>{name}</h3>{table.ToHtml()}"
                : $"<details><summary>{name}</summary>{table.ToHtml()}</details>");
        }

        return html.Length == 0 ? "" : "<h2>Differences</h2>" + html
            + "<p>On the same questions with the same seeds. Intervals are of the mean over both, drawn again together (crossed "
            + "bootstrap); those that leave out zero are in full colour. Of many intervals of 95 %, one in twenty misses its mark.</p>";
    }
}
