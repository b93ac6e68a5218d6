using System.Text;
using Rebound.Study.Improvement;

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
            + new LineChart("Held-out questions that are answered right", "round", "right, %", [line], leastStep: 1).ToHtml();
    }

    public static string Rounds(ImprovementResults results)
    {
        var table = new HtmlTable(
            "round", "tries right", "learned from", "right, %", "95 % interval", "change", "95 % interval", "learned", "lost");
        foreach (var (index, round) in results.Rounds.Index())
        {
            table.Add(
            [
                NameOf(round), Tries(round), Learned(round), HtmlText.Percent(round.HeldOut.Accuracy), Range(round),
                .. index == 0 ? ["", "", "", ""] : Change(results.Changes[index - 1]),
            ]);
        }

        return $"<h2>The rounds</h2>{table.ToHtml()}<p>Changes are to the round before, on the same questions; a question is learned that "
            + "the round before got wrong, and lost the other way round. Intervals of accuracies are Wilson's, those of changes the "
            + "bootstrap's over questions. What a round learned from is successes + failures, each distinct.</p>";
    }

    public static string Settings(ImprovementOptions options, ImprovementResults results)
    {
        var training = options.Training.Training;
        var method = results.Rounds.Select(round => round.Trained?.Method).LastOrDefault(name => name is not null);
        var length = training.MaxSteps is { } steps ? $"{HtmlText.Count(steps)} steps" : $"{HtmlText.Number(training.Epochs)} epochs";
        var tries = options.Samples == 1 ? "once" : $"{HtmlText.Count(options.Samples)} times";
        return $"<h2>How it was done</h2><p>Every question was tried {tries} at each of the temperatures "
            + $"{string.Join(", ", options.Temperatures)}. A round's model was trained from "
            + $"{(options.Start == TrainingStart.Base ? "the model to begin with" : "that of the round before")}"
            + $"{(method is null ? "" : $" by the method {method}")}, for {length} of "
            + $"{HtmlText.Count(training.StepDocuments)} trajectories at a rate of {training.LearningRate:0.##e-0}, from the successes of "
            + $"{Scope(options.Successes)} and the failures of {Scope(options.Failures)}. Evaluations were made at a temperature of "
            + $"{options.EvaluationTemperature}. All draws follow from the seed {options.Seed}.</p>";
    }

    public static string NameOf(RoundRecord round) => round.Round == 0 ? "start" : $"{round.Round}";

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

    private static string[] Change(RoundChange change) =>
    [
        HtmlText.SignedPercent(change.Difference),
        $"{HtmlText.SignedPercent(change.Interval.Low)} to {HtmlText.SignedPercent(change.Interval.High)}",
        HtmlText.Count(change.Gained.Count), HtmlText.Count(change.Lost.Count),
    ];
}
