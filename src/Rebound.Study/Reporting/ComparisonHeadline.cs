using System.Text;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>The methods and tasks of a comparison, and how good each method is with the most failures.</summary>
internal static class ComparisonHeadline
{
    private const int MostCards = 8;

    public static string Of(IReadOnlyList<MeasuredRun> runs, int points, IReadOnlyList<ScoreView> views, MethodLook look)
    {
        var main = views[0];
        var arms = main.Table.Scores.Select(score => score.Arm).ToArray();
        var isOfMethods = arms.Any(arm => arm.Failures is not null);
        var html = new StringBuilder($"<h1>{(isOfMethods ? "What failures are worth to an agent that learns" : "Runs compared")}</h1>");
        var soFar = runs.Count < points ? $" of {HtmlText.Count(points)} so far" : "";
        var tasks = runs.SelectMany(run => run.Tasks).DistinctBy(task => task.Task)
            .Select(task => $"{HtmlText.Escape(task.Task)} ({HtmlText.Count(task.Questions.Count)} questions)");
        html.Append(
            $"<p class=\"lead\">{HtmlText.Count(runs.Count)} {(runs.Count == 1 ? "run" : "runs")}{soFar}, "
                + $"{(isOfMethods ? $"{Listed("method", arms.Select(arm => arm.Method))}, " : "")}on {string.Join(", ", tasks)}.</p>");
        html.Append("<div class=\"numbers\">");
        var setting = arms.Where(arm => (arm.Model, arm.Successes) == (arms[0].Model, arms[0].Successes));
        foreach (var arm in setting.GroupBy(arm => arm.Method).Select(method => method.MaxBy(arm => arm.Failures ?? 0)!).Take(MostCards))
        {
            html.Append($"<div class=\"{look.StyleOf(arm.Method)}\"><b>{HtmlText.Percent(main.Table.Of(arm)!.Mean)}&thinsp;%</b>");
            html.Append($"{HtmlText.Escape(MethodLook.NameOf(arm.Method))}<br>");
            html.Append($"<small>{HtmlText.Escape(main.Name)}{Numbers(arm)}</small></div>");
        }

        return html.Append("</div>").ToString();
    }

    private static string Numbers(Arm arm) => (arm.Successes, arm.Failures) switch
    {
        ({ } successes, { } failures) => $"; {HtmlText.Count(successes)} successes, {HtmlText.Count(failures)} failures",
        (null, { } failures) => $"; {HtmlText.Count(failures)} failures",
        _ => "",
    };

    private static string Listed(string what, IEnumerable<string> methods)
    {
        string[] names = [.. methods.Distinct().Select(method => HtmlText.Escape(MethodLook.NameOf(method)))];
        return names.Length == 1 ? $"{what} {names[0]}" : $"{what}s {string.Join(", ", names)}";
    }
}
