using System.Text;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Sentences on the effect of more failures, harm first.</summary>
internal static class FailureSentences
{
    /// <summary>For every method its accuracy with each number of failures, and where more did worse than fewer.</summary>
    public static string Of(IReadOnlyList<FailureLine> lines, MethodLook look)
    {
        var html = new StringBuilder();
        foreach (var line in lines.Where(line => line.Steps.Count > 0))
        {
            html.Append(
                $"<p><strong class=\"{look.StyleOf(line.Method)}\">{HtmlText.Escape(MethodLook.NameOf(line.Method))}</strong>: "
                    + $"{Course(line)}. ");
            var worse = line.Steps.Where(step => step.Mean < 0 && HtmlText.Percent(step.Mean) is not "-0.0").ToArray();
            html.Append(
                worse.Length == 0 ? "More failures never did worse than fewer." : string.Join(' ', worse.Select(step => Worse(step, line))))
                .Append("</p>");
        }

        return html.ToString();
    }

    /// <summary>
    /// To stand beside a method's accuracy with the most failures: their number, and that with another number if it is better.
    /// </summary>
    public static string Beside(ArmScore score, IReadOnlyList<FailureLine> lines)
    {
        if (score.Arm.Failures is null or 0)
        {
            return "";
        }

        var best = lines.First(line => line.Method == score.Arm.Method).Scores
            .Where(other => other.Arm.Method == score.Arm.Method).MaxBy(other => other.Mean)!;
        return $"; {Count(score)} of them"
            + (best.Mean > score.Mean ? $" ({HtmlText.Percent(best.Mean)}&thinsp;% with {Count(best)})" : "");
    }

    private static string Course(FailureLine line) => string.Join(", ", line.Scores.Select((score, place) => score.Arm.Failures == 0
        ? $"{HtmlText.Percent(score.Mean)}&thinsp;% right without failures"
        : $"{HtmlText.Percent(score.Mean)}&thinsp;%{(place == 0 ? " right" : "")} with {Count(score)}"));

    // A step is taken on the seeds of both numbers, so it can fall where the means, of all seeds, rise.
    private static string Worse(ArmGap step, FailureLine line) =>
        $"<strong>{(step.Other.Failures == 0 ? "With" : $"From {HtmlText.Count(step.Other.Failures!.Value)} to")} "
        + $"{HtmlText.Count(step.Arm.Failures!.Value)} failures it did worse</strong>, by {HtmlText.Percent(-step.Mean)} points "
        + (line.Scores.Any(score => (score.Arm == step.Arm || score.Arm == step.Other) && score.Seeds.Count > step.Seeds.Count)
            ? step.Seeds.Count == 1 ? "on the one seed of both " : $"on the {HtmlText.Count(step.Seeds.Count)} seeds of both " : "")
        + $"(95 % interval of the change {ScoreCells.Span(step.Interval, HtmlText.SignedPercent)})"
        + (step.Interval.High < 0 ? "." : ", which may be chance.");

    private static string Count(ArmScore score) => HtmlText.Count(score.Arm.Failures!.Value);
}
