using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Which questions only one method solves: means hide where methods solve other ones.</summary>
internal static class OverlapSection
{
    public static string Of(IReadOnlyList<SolvedTogether> comparisons, ArmText arms)
    {
        if (comparisons.Count == 0)
        {
            return "";
        }

        var html = "";
        foreach (var comparison in comparisons)
        {
            var table = new HtmlTable(
                [
                    .. arms.Heads, "solved", "alone",
                    .. comparison.Arms.Select(arm => $"shared with {HtmlText.Escape(MethodLook.NameOf(arm.Method))}, %"),
                ]);
            foreach (var (arm, solved) in comparison.Arms.Zip(comparison.Solved))
            {
                table.Add(
                [
                    .. arms.Cells(arm), HtmlText.Count(solved.Solved.Count), HtmlText.Count(solved.Alone.Count),
                    .. comparison.Solved.Select(other => other == solved ? "" : HtmlText.Percent(solved.Overlap(other))),
                ]);
            }

            html += $"<h3>{HtmlText.Escape(comparison.Task)}, {HtmlText.Count(comparison.Questions.Count)} questions</h3>{table.ToHtml()}";
        }

        return "<h2>Who solves what</h2><p>A method solves a question that more than half of its seeds get right, with the most failures "
            + "that it learned from. What two share is the share of the questions that either solves which both do. The questions that a "
            + $"method solves alone are in solved.csv.</p>{html}";
    }
}
