using System.Text;
using Rebound.Study.Comparison;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Reporting;

/// <summary>Sentences on the effect of more failures, harm first.</summary>
internal static class FailureSentences
{
    /// <summary>For every method its accuracy with each number of failures, and where more did worse than fewer.</summary>
    public static string Of(StudyResults results)
    {
        var html = new StringBuilder();
        foreach (var steps in results.FailureSteps.GroupBy(step => step.Method))
        {
            html.Append(
                $"<p><strong class=\"{StudyReport.StyleOf(steps.Key)}\">{StudyReport.NameOf(steps.Key)}</strong>: "
                    + $"{Course(steps.Key, results)}. ");
            var worse = steps.Where(step => step.Mean < 0).ToArray();
            html.Append(
                worse.Length == 0 ? "More failures never did worse than fewer." : string.Join(' ', worse.Select(Worse))).Append("</p>");
        }

        return html.ToString();
    }

    /// <summary>
    /// To stand beside a method's accuracy with the most failures: their number, and that with another number if it is better.
    /// </summary>
    public static string Beside(MethodScore score, StudyResults results)
    {
        if (score.Negatives == 0)
        {
            return "";
        }

        var best = results.Scores.Where(other => other.Method == score.Method).MaxBy(other => other.Mean)!;
        return $"; {HtmlText.Count(score.Negatives)} of them"
            + (best.Mean > score.Mean ? $" ({HtmlText.Percent(best.Mean)}&thinsp;% with {HtmlText.Count(best.Negatives)})" : "");
    }

    private static string Course(TrainingMethod method, StudyResults results) => string.Join(", ", results.Scores
        .Where(score => score.Method == TrainingMethod.Vanilla || score.Method == method)
        .Select(score => score.Negatives == 0
            ? $"{HtmlText.Percent(score.Mean)}&thinsp;% right without failures"
            : $"{HtmlText.Percent(score.Mean)}&thinsp;% with {HtmlText.Count(score.Negatives)}"));

    private static string Worse(FailureStep step) =>
        $"<strong>{(step.Fewer == 0 ? "With" : $"From {HtmlText.Count(step.Fewer)} to")} {HtmlText.Count(step.More)} failures it did "
        + $"worse</strong>, by {HtmlText.Percent(-step.Mean)} points (95 % interval of the change "
        + $"{HtmlText.SignedPercent(step.Interval.Low)} to {HtmlText.SignedPercent(step.Interval.High)})"
        + (step.Interval.High < 0 ? "." : ", which may be chance.");
}
