using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Figure 1 of the paper: accuracy against the number of failures that were learned from, a line for each method.</summary>
internal static class FailureChart
{
    /// <param name="title">In words.</param>
    /// <param name="lines">Of one model and one number of successes.</param>
    public static string Of(string title, IReadOnlyList<FailureLine> lines, MethodLook look)
    {
        var most = lines.Max(line => line.Scores.Max(score => score.Arm.Failures!.Value));
        return new LineChart(title, "failures", "right, %", [.. lines.Select(line => Series(line, most, look))]).ToHtml();
    }

    /// <summary>A method that learns from no failures is as good with any number of them.</summary>
    private static ChartSeries Series(FailureLine line, int most, MethodLook look)
    {
        var isFlat = line.Scores is [{ Arm.Failures: 0 }];
        (double X, ArmScore Score)[] points =
        [
            .. line.Scores.Select(score => ((double)score.Arm.Failures!.Value, score)),
            .. isFlat ? [(most, line.Scores[0])] : Array.Empty<(double, ArmScore)>(),
        ];
        return new ChartSeries(
            MethodLook.NameOf(line.Method), look.StyleOf(line.Method), [.. points.Select(point => (point.X, 100 * point.Score.Mean))])
        {
            Band = [.. points.Select(point => (point.X, 100 * point.Score.Interval.Low, 100 * point.Score.Interval.High))],
            Dots =
            [
                .. line.Scores.Where(score => score.Arm.Method == line.Method)
                    .SelectMany(score => score.Seeds.Select(seed => ((double)score.Arm.Failures!.Value, 100 * seed))),
            ],
        };
    }
}
