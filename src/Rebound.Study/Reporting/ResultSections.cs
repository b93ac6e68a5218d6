using System.Text;
using Rebound.Agents.Evaluation;
using Rebound.Study.Comparison;
using Rebound.Study.Worlds;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Reporting;

/// <summary>The parts of a report that say how the students did.</summary>
internal static class ResultSections
{
    private const int SmoothedSteps = 40;

    /// <summary>Kinds of questions as a reader knows them.</summary>
    private static readonly (string Name, Func<WordProblem, bool> Has)[] StoryKinds =
    [
        ("shares and multiples, which the teacher misunderstands", problem => problem.Events.Any(Misunderstood)),
        ("all other stories", problem => !problem.Events.Any(Misunderstood)),
        ("stories with an irrelevant number", problem => problem.Distractor is not null),
    ];

    public static string Headline(StudyResults results)
    {
        var most = results.Runs.Max(run => run.Run.Negatives);
        var html = new StringBuilder();
        html.Append("<h1>What failures are worth to an agent that learns</h1>");
        html.Append(
            $"<p class=\"lead\">Small language models learned from scratch to solve word problems with a calculator, from "
            + $"{results.Settings.Successes} successes of a teacher and up to {HtmlText.Count(most)} of its failures. These are their "
            + $"answers to {results.Settings.ExamQuestions} {results.Settings.Split} questions that neither they nor the teacher "
            + $"had seen.</p>");
        html.Append("<div class=\"numbers\">");
        foreach (var score in results.Scores.Where(score => score.Negatives == (score.Method == TrainingMethod.Vanilla ? 0 : most)))
        {
            html.Append(
                $"""
                <div class="{StudyReport.StyleOf(score.Method)}"><b>{HtmlText.Percent(score.Mean)}&thinsp;%</b>
                """);
            html.Append($"{StudyReport.NameOf(score.Method)}<br>");
            html.Append($"<small>{What(score.Method)}{FailureSentences.Beside(score, results)}</small></div>");
        }

        return html.Append("</div>").ToString();
    }

    public static string Methods(StudyResults results)
    {
        var html = new StringBuilder(
            "<h2>The methods</h2><div class=\"scroll\"><table>"
                + "<tr><th>method</th><th>failures</th><th>right, %</th><th>95 % interval</th><th>each seed</th></tr>");
        foreach (var score in results.Scores)
        {
            html.Append($"<tr><td>{StudyReport.NameOf(score.Method)}</td><td>{HtmlText.Count(score.Negatives)}</td>");
            html.Append(Cells(score.Mean, score.Interval, score.Seeds, HtmlText.Percent));
        }

        foreach (var gap in results.Gaps)
        {
            html.Append($"<tr class=\"gap\"><td>{StudyReport.NameOf(gap.Method)} − {StudyReport.NameOf(gap.Other)}</td>");
            html.Append($"<td>{HtmlText.Count(gap.Negatives)}</td>");
            html.Append(Cells(gap.Mean, gap.Interval, gap.Seeds, HtmlText.SignedPercent));
        }

        html.Append(
            "</table></div><p>All learned from the same successes. Differences are taken on the same questions with the same seeds. "
                + "Intervals are of the mean over seeds and questions, both drawn again (crossed bootstrap); with so few seeds they say "
                + "little about seeds that were not tried, so every seed is shown.</p>");
        return html.ToString();
    }

    public static string Failures(StudyResults results)
    {
        var vanilla = results.Scores.First(score => score.Method == TrainingMethod.Vanilla);
        var lines = new List<ChartSeries>
        {
            Line(vanilla.Method, [vanilla, vanilla with { Negatives = results.Scores.Max(score => score.Negatives) }], dots: [vanilla]),
        };
        foreach (var method in (TrainingMethod[])[TrainingMethod.Nut, TrainingMethod.Nat])
        {
            var scores = results.Scores.Where(score => score.Method == method).ToArray();
            lines.Add(Line(method, [vanilla, .. scores], dots: scores));
        }

        return "<h2>More failures</h2>"
            + new LineChart("Accuracy against the number of failures that were learned from", "failures", "right, %", lines).ToHtml()
            + FailureSentences.Of(results)
            + "<p>Dots are single seeds, bands 95 % intervals of the mean. Without any failure all three are the same training, so the "
            + "lines begin at vanilla.</p>";

        static ChartSeries Line(TrainingMethod method, MethodScore[] scores, IEnumerable<MethodScore> dots) =>
            new(StudyReport.NameOf(method), StudyReport.StyleOf(method),
                [.. scores.Select(score => ((double)score.Negatives, 100 * score.Mean))])
            {
                Band = [.. scores.Select(score => ((double)score.Negatives, 100 * score.Interval.Low, 100 * score.Interval.High))],
                Dots = [.. dots.SelectMany(score => score.Seeds.Select(seed => ((double)score.Negatives, 100 * seed)))],
            };
    }

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
            html.Append($"<td>{Joined(condition.Seeds, HtmlText.Percent)}</td></tr>");
        }

        return html.Append("</table></div>").ToString();
    }

    public static string Kinds(StudyResults results)
    {
        var most = results.Runs.Max(run => run.Run.Negatives);
        var html = new StringBuilder(
            "<h2>Where the difference is</h2><div class=\"scroll\"><table><tr><th>questions</th><th>how many</th>");
        html.AppendJoin("", StudyRun.Methods.Select(method => $"<th>{StudyReport.NameOf(method)}, %</th>"));
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
                var share = results.Runs.Where(run =>
                    run.Run.Method == method && (method == TrainingMethod.Vanilla || run.Run.Negatives == most))
                    .Average(run => places.Average(place => run.Right[place]));
                html.Append(
                    $"<td class=\"{StudyReport.StyleOf(method)}\"><span class=\"bar\" style=\"--share:{HtmlText.Number(share)}\"></span> "
                        + $"{HtmlText.Percent(share)}</td>");
            }

            html.Append("</tr>");
        }

        return html.Append(
            "</table></div><p>NUT learns from failures as if they were successes: what the teacher gets wrong more often than right is "
                + "what it can be expected to take over.</p>").ToString();
    }

    public static string Training(StudyResults results)
    {
        var most = results.Runs.Max(run => run.Run.Negatives);
        var methods = results.Runs.Where(run => run.Run.Method == TrainingMethod.Vanilla || run.Run.Negatives == most)
            .GroupBy(run => run.Run.Method).ToArray();
        var seeds = methods.SelectMany(runs =>
            runs.Select(run => new ChartSeries(null, $"thin {StudyReport.StyleOf(runs.Key)}", Smoothed(run.Losses))));
        var means = methods.Select(runs =>
            new ChartSeries(
                StudyReport.NameOf(runs.Key), StudyReport.StyleOf(runs.Key), Smoothed(Mean([.. runs.Select(run => run.Losses)]))));
        return "<h2>Training</h2>" + new LineChart(
                $"Loss, mean of {SmoothedSteps} steps and of all seeds; each seed as a thin line", "optimizer step", "loss, nats a token",
                [.. seeds, .. means]).ToHtml()
            + "<p>All take as many steps, so vanilla reads its few trajectories most often; a low loss on them says nothing about "
            + "questions that it has not seen.</p>";
    }

    private static (double X, double Y)[] Smoothed(IReadOnlyList<double> losses) =>
        [.. losses.Chunk(SmoothedSteps).Select((chunk, index) => ((index * SmoothedSteps) + (chunk.Length / 2.0), chunk.Average()))];

    /// <summary>Of every step; all runs have as many.</summary>
    private static double[] Mean(IReadOnlyList<double>[] runs) => [.. runs[0].Select((_, step) => runs.Average(losses => losses[step]))];

    private static bool Misunderstood(StoryEvent happens) => happens.Kind is EventKind.Share or EventKind.Multiple;

    private static string Cells(double mean, Interval interval, IEnumerable<double> seeds, Func<double, string> format) =>
        $"<td>{format(mean)}</td><td>{format(interval.Low)} to {format(interval.High)}</td><td>{Joined(seeds, format)}</td></tr>";

    private static string Joined(IEnumerable<double> values, Func<double, string> format) =>
        string.Join(' ', values.Select(value => $"<span>{format(value)}</span>"));

    private static string What(TrainingMethod method) => method switch
    {
        TrainingMethod.Vanilla => "learned from successes alone",
        TrainingMethod.Nut => "failures besides, not told apart",
        _ => "failures besides, told which is which",
    };
}
