using System.Text;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Accuracy against the number of failures: in the mean of all tasks, then on each, other tasks apart.</summary>
internal static class FigureSection
{
    public static string Of(IReadOnlyList<ScoreView> views, ArmText arms, MethodLook look)
    {
        var charts = views.Where(view => view.Metric == TaskScores.Accuracy)
            .SelectMany(view => FailureLine.Of(view.Table).Where(lines => lines.Any(line => line.Scores.Count > 1))
                .Select(lines => (View: view, lines.Key, Lines: lines.ToArray()))).ToArray();
        if (charts.Length == 0)
        {
            return "";
        }

        var html = new StringBuilder("<h2>More failures</h2>");
        foreach (var outside in charts.GroupBy(chart => chart.View.IsOutOfDistribution))
        {
            html.Append(outside.Key ? "<h3>Tasks unlike those that were learned from</h3>" : "");
            var main = outside.First().View;
            foreach (var (view, (model, successes), lines) in outside.Where(chart => chart.View == main))
            {
                html.Append(FailureChart.Of(Title(view, arms.Setting(model, successes)), lines, look));
                html.Append(FailureSentences.Of(lines, look));
            }

            var single = outside.Where(chart => chart.View != main)
                .Select(chart => FailureChart.Of(Name(chart.View, arms.Setting(chart.Key.Model, chart.Key.Successes)), chart.Lines, look));
            html.Append("<div class=\"pair small\">").AppendJoin("", single).Append("</div>");
        }

        return html.Append(
            "<p>Dots are single seeds, bands 95 % intervals of the mean over seeds and questions (crossed bootstrap). Without any failure "
                + "all methods are the same training on successes, with which lines begin where it was run.</p>").ToString();
    }

    private static string Title(ScoreView view, string setting) => $"{Name(view, setting)}: accuracy against the number of failures";

    private static string Name(ScoreView view, string setting) => view.Name + (setting.Length > 0 ? $" ({setting})" : "");
}
