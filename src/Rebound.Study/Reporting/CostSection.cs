using Rebound.Files.Messages;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>The costs of trainings and examinations.</summary>
internal static class CostSection
{
    public static string Of(IReadOnlyList<MeasuredRun> runs, ArmText arms, MethodLook look)
    {
        var table = new HtmlTable(
            [.. arms.Heads, "runs", "steps", "tokens read in training", "training", "tokens written in answers", "answers"]);
        foreach (var arm in runs.GroupBy(run => run.Arm))
        {
            var trained = arm.Select(run => run.Training).OfType<TrainingCosts>().ToArray();
            table.Add(
            [
                .. arms.Cells(arm.Key), HtmlText.Count(arm.Count()),
                .. trained.Length == 0 ? ["", "", ""] : new[]
                {
                    HtmlText.Count((long)trained.Average(costs => costs.Steps)),
                    HtmlText.Count((long)trained.Average(costs => costs.Tokens)),
                    Time(trained.Average(costs => costs.Seconds)),
                },
                HtmlText.Count((long)arm.Average(run => run.Tasks.Sum(task => task.OutputTokens))),
                Time(arm.Average(run => run.Tasks.Sum(task => task.Seconds))),
            ]);
        }

        var seconds = runs.DistinctBy(run => (run.Training, run.Seed))
            .Sum(run => (run.Training?.Seconds ?? 0) + run.Tasks.Sum(task => task.Seconds));
        var all = seconds == 0 ? "" : $"; all of them took {Time(seconds)}";
        return "<h2>Training and costs</h2>"
            + LossChart.Of(
                runs.GroupBy(run => run.Arm.Method).SelectMany(method => method.Where(run => run.Arm == method.MaxBy(other =>
                    other.Arm.Failures ?? 0)!.Arm)), look)
            + table.ToHtml() + $"<p>Means of a run{all}.</p>";
    }

    /// <summary>Empty where it was not measured.</summary>
    private static string Time(double seconds) => seconds == 0 ? "" : DurationText.Of(TimeSpan.FromSeconds(seconds));
}
