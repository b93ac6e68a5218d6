using System.Text;
using Rebound.Study.Improvement;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Reporting;

/// <summary>The parts of an improvement's report that say how its rounds did.</summary>
internal static class RoundSections
{
    public static string Headline(ImprovementOptions options, ImprovementResults results)
    {
        var (first, last, change) = (results.Rounds[0], results.Rounds[^1], results.Change);
        var html = new StringBuilder("<h1>An agent that improves on its own successes and failures</h1>");
        html.Append(
            $"<p class=\"lead\">{HtmlText.Escape(options.Model)} answered {HtmlText.Count(results.HeldOut.Count)} held-out questions, "
                + $"and again after each of {HtmlText.Count(results.Rounds.Count - 1)} rounds of trying others and learning from the "
                + "tries.</p>");
        html.Append("<div class=\"numbers\">");
        html.Append(Number("vanilla", $"{HtmlText.Percent(first.HeldOut.Accuracy)}&thinsp;%", "to begin with", Range(first)));
        if (results.Rounds.Count > 1)
        {
            html.Append(Number(
                "nat", $"{HtmlText.Percent(last.HeldOut.Accuracy)}&thinsp;%", $"after round {last.Round}", Range(last)));
            html.Append(Number(
                "nut", HtmlText.SignedPercent(change.Difference), "points of difference",
                $"{HtmlText.SignedPercent(change.Interval.Low)} to {HtmlText.SignedPercent(change.Interval.High)} on the same questions"));
        }

        return html.Append("</div>").ToString();
    }

    public static string Accuracy(ImprovementResults results)
    {
        if (results.Rounds.Count < 2)
        {
            return "";
        }

        var line = new ChartSeries(
            null, "nat", [.. results.Rounds.Select(round => ((double)round.Round, 100 * round.HeldOut.Accuracy))])
        {
            Band =
            [
                .. results.Rounds.Select(round =>
                    ((double)round.Round, 100 * round.HeldOut.Interval.Low, 100 * round.HeldOut.Interval.High)),
            ],
            Dots = [.. results.Rounds.Select(round => ((double)round.Round, 100 * round.HeldOut.Accuracy))],
        };
        return "<h2>Accuracy by round</h2>"
            + new LineChart("Held-out questions that are answered right", "rounds", "right, %", [line], leastStep: 1).ToHtml();
    }

    public static string Rounds(ImprovementResults results)
    {
        var html = new StringBuilder(
            "<h2>The rounds</h2><div class=\"scroll\"><table><tr><th>round</th><th>tries right</th><th>learned from</th><th>right, %</th>"
                + "<th>95 % interval</th><th>change</th><th>95 % interval</th><th>learned</th><th>lost</th></tr>");
        foreach (var (index, round) in results.Rounds.Index())
        {
            html.Append($"<tr><td>{(round.Round == 0 ? "start" : round.Round)}</td><td>{Tries(round)}</td><td>{Learned(round)}</td>");
            html.Append($"<td>{HtmlText.Percent(round.HeldOut.Accuracy)}</td><td>{Range(round)}</td>");
            html.Append(index == 0 ? "<td></td><td></td><td></td><td></td></tr>" : Change(results.Changes[index - 1]));
        }

        return html.Append(
            "</table></div><p>Changes are to the round before, on the same questions; a question is learned that the round before got "
                + "wrong, and lost the other way round. Intervals of accuracies are Wilson's, those of changes the bootstrap's over "
                + "questions. What a round learned from is successes + failures, each distinct.</p>").ToString();
    }

    public static string Settings(ImprovementOptions options)
    {
        var (training, data) = (options.Training.Training, options.Training.Data);
        var length = training.MaxSteps is { } steps ? $"{HtmlText.Count(steps)} steps" : $"{HtmlText.Number(training.Epochs)} epochs";
        return $"<h2>How it was done</h2><p>Every question was tried {HtmlText.Count(options.Samples)} times at each of the temperatures "
            + $"{string.Join(", ", options.Temperatures)}. A round's model was trained from "
            + $"{(options.Start == TrainingStart.Base ? "the model to begin with" : "that of the round before")}"
            + $"{(data.Method is { } method ? $" by the method {method.Name()}" : "")}, for {length} of "
            + $"{HtmlText.Count(training.StepDocuments)} trajectories at a rate of {training.LearningRate:0.##e+00}, from the successes of "
            + $"{Scope(options.Successes)} and the failures of {Scope(options.Failures)}. Evaluations were made at a temperature of "
            + $"{options.EvaluationTemperature}. All draws follow from the seed {options.Seed}.</p>";
    }

    private static string Number(string style, string number, string name, string note) =>
        $"<div class=\"{style}\"><b>{number}</b>{name}<br><small>{note}</small></div>";

    private static string Scope(RoundScope scope) => scope == RoundScope.All ? "all rounds so far" : "the newest round";

    private static string Range(RoundRecord round) =>
        $"{HtmlText.Percent(round.HeldOut.Interval.Low)} to {HtmlText.Percent(round.HeldOut.Interval.High)}";

    private static string Tries(RoundRecord round) => round.Collected is { } tries
        ? $"{HtmlText.Count(tries.Successes)} of {HtmlText.Count(tries.Tries)}"
        : "";

    private static string Learned(RoundRecord round) => round.Learned is { } learned
        ? $"{HtmlText.Count(learned.Successes)} + {HtmlText.Count(learned.Failures)}"
        : "";

    private static string Change(RoundChange change) =>
        $"<td>{HtmlText.SignedPercent(change.Difference)}</td><td>{HtmlText.SignedPercent(change.Interval.Low)} to "
        + $"{HtmlText.SignedPercent(change.Interval.High)}</td><td>{HtmlText.Count(change.Gained.Count)}</td>"
        + $"<td>{HtmlText.Count(change.Lost.Count)}</td></tr>";
}
