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
        return $"; {Markup.Count(score.Negatives)} of them"
            + (best.Mean > score.Mean ? $" ({Markup.Percent(best.Mean)}&thinsp;% with {Markup.Count(best.Negatives)})" : "");
    }

    private static string Course(TrainingMethod method, StudyResults results) => string.Join(", ", results.Scores
        .Where(score => score.Method == TrainingMethod.Vanilla || score.Method == method)
        .Select(score => score.Negatives == 0
            ? $"{Markup.Percent(score.Mean)}&thinsp;% right without failures"
            : $"{Markup.Percent(score.Mean)}&thinsp;% with {Markup.Count(score.Negatives)}"));

    private static string Worse(FailureStep step) =>
        $"<strong>{(step.Fewer == 0 ? "With" : $"From {Markup.Count(step.Fewer)} to")} {Markup.Count(step.More)} failures it did "
        + $"worse</strong>, by {Markup.Percent(-step.Mean)} points (95 % interval of the change {Markup.SignedPercent(step.Interval.Low)} "
        + $"to {Markup.SignedPercent(step.Interval.High)})"
        + (step.Interval.High < 0 ? "." : ", which may be chance.");
}
