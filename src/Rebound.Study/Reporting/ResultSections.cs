using System.Text;
using Rebound.Study.Comparison;
using Rebound.Study.Worlds;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Reporting;

/// <summary>The parts of a report that say how the students did.</summary>
internal static class ResultSections
{
    /// <summary>Kinds of questions as a reader knows them.</summary>
    private static readonly (string Name, Func<WordProblem, bool> Has)[] StoryKinds =
    [
        ("shares and multiples, which the teacher misunderstands", problem => problem.Events.Any(Misunderstood)),
        ("all other stories", problem => !problem.Events.Any(Misunderstood)),
        ("stories with an irrelevant number", problem => problem.Distractor is not null),
    ];

    public static string Headline(StudyResults results)
    {
        var html = new StringBuilder();
        html.Append("<h1>What failures are worth to an agent that learns</h1>");
        html.Append(
            $"<p class=\"lead\">Small language models learned from scratch to solve word problems with a calculator, from "
            + $"{results.Settings.Successes} successes of a teacher and up to {HtmlText.Count(results.MostFailures)} of its failures. "
            + $"These are their answers to {results.Settings.ExamQuestions} {results.Settings.Split} questions that neither they nor the "
            + $"teacher had seen.</p>");
        html.Append("<div class=\"numbers\">");
        foreach (var (method, score) in StudyRun.Methods.Select(method => (method, results.Table.Of(results.ArmOf(method))!)))
        {
            html.Append($"<div class=\"{StyleOf(method)}\"><b>{HtmlText.Percent(score.Mean)}&thinsp;%</b>{NameOf(method)}<br>");
            html.Append($"<small>{What(method)}{FailureSentences.Beside(score, results.Lines)}</small></div>");
        }

        return html.Append("</div>").ToString();
    }

    public static string Methods(StudyResults results)
    {
        var html = new StringBuilder(
            "<h2>The methods</h2><div class=\"scroll\"><table>"
                + "<tr><th>method</th><th>failures</th><th>right, %</th><th>95 % interval</th><th>each seed</th></tr>");
        foreach (var score in results.Table.Scores)
        {
            html.Append($"<tr><td>{MethodLook.NameOf(score.Arm.Method)}</td><td>{HtmlText.Count(score.Arm.Failures!.Value)}</td>");
            html.Append(ScoreCells.Of(score.Mean, score.Interval, score.Seeds, HtmlText.Percent)).Append("</tr>");
        }

        foreach (var gap in results.Gaps)
        {
            html.Append($"<tr class=\"gap\"><td>{MethodLook.NameOf(gap.Arm.Method)} − {MethodLook.NameOf(gap.Other.Method)}</td>");
            html.Append($"<td>{HtmlText.Count(gap.Arm.Failures!.Value)}</td>");
            html.Append(ScoreCells.Of(gap.Mean, gap.Interval, gap.Seeds, HtmlText.SignedPercent)).Append("</tr>");
        }

        html.Append(
            "</table></div><p>All learned from the same successes. Differences are taken on the same questions with the same seeds. "
                + "Intervals are of the mean over seeds and questions, both drawn again (crossed bootstrap); with so few seeds they say "
                + "little about seeds that were not tried, so every seed is shown.</p>");
        return html.ToString();
    }

    public static string Failures(StudyResults results) =>
        "<h2>More failures</h2>"
        + FailureChart.Of("Accuracy against the number of failures that were learned from", results.Lines, MethodLook.OfThePaper)
        + FailureSentences.Of(results.Lines, MethodLook.OfThePaper)
        + "<p>Dots are single seeds, bands 95 % intervals of the mean. Without any failure all three are the same training, so the "
        + "lines begin at vanilla.</p>";

    public static string Conditions(StudyResults results)
    {
        var html = new StringBuilder(
            "<h2>The condition</h2><p>NAT tells a model before the question which outcome the trajectory had. A model that heeds it does "
                + "better when it is asked for a success than when it is asked for a failure. A question without any condition is one that "
                + "it never saw in training.</p>");
        html.Append("<div class=\"scroll\"><table><tr><th>NAT, asked under</th><th>right, %</th><th>each seed</th></tr>");
        foreach (var condition in ConditionAccuracy.Of(results))
        {
            html.Append($"<tr><td>{HtmlText.Escape(condition.Condition)}</td><td>{HtmlText.Percent(condition.Mean)}</td>");
            html.Append($"<td>{ScoreCells.Joined(condition.Seeds, HtmlText.Percent)}</td></tr>");
        }

        return html.Append("</table></div>").ToString();
    }

    public static string Kinds(StudyResults results)
    {
        var html = new StringBuilder(
            "<h2>Where the difference is</h2><div class=\"scroll\"><table><tr><th>questions</th><th>how many</th>");
        html.AppendJoin("", StudyRun.Methods.Select(method => $"<th>{NameOf(method)}, %</th>"));
        html.Append("</tr>");
        foreach (var (name, has) in StoryKinds)
        {
            var places = results.Exam.Index().Where(problem => has(problem.Item)).Select(problem => problem.Index).ToArray();
            if (places.Length == 0)
            {
                continue;
            }

            html.Append($"<tr><td>{name}</td><td>{places.Length}</td>");
            foreach (var method in StudyRun.Methods)
            {
                var share = results.Runs.Where(run => run.Run.Arm == results.ArmOf(method))
                    .Average(run => places.Average(place => run.Right[place]));
                html.Append(
                    $"<td class=\"{StyleOf(method)}\"><span class=\"bar\" style=\"--share:{HtmlText.Number(share)}\"></span> "
                        + $"{HtmlText.Percent(share)}</td>");
            }

            html.Append("</tr>");
        }

        return html.Append(
            "</table></div><p>NUT learns from failures as if they were successes: what the teacher gets wrong more often than right is "
                + "what it can be expected to take over.</p>").ToString();
    }

    public static string Training(StudyResults results) =>
        "<h2>Training</h2>"
        + LossChart.Of(
            results.Runs.Where(run => run.Run.Arm == results.ArmOf(run.Run.Method)).Select(run => run.Measured), MethodLook.OfThePaper)
        + "<p>All take as many steps, so vanilla reads its few trajectories most often; a low loss on them says nothing about "
        + "questions that it has not seen.</p>";

    private static bool Misunderstood(StoryEvent happens) => happens.Kind is EventKind.Share or EventKind.Multiple;

    private static string NameOf(TrainingMethod method) => MethodLook.NameOf(method.Name());

    private static string StyleOf(TrainingMethod method) => MethodLook.OfThePaper.StyleOf(method.Name());

    private static string What(TrainingMethod method) => method switch
    {
        TrainingMethod.Vanilla => "learned from successes alone",
        TrainingMethod.Nut => "failures besides, not told apart",
        _ => "failures besides, told which is which",
    };
}
