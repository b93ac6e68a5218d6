using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>The losses of trainings: a line for each method, and a thin one for each of its seeds.</summary>
internal static class LossChart
{
    private const int MostPoints = 40;

    /// <param name="runs">Those without losses are left out.</param>
    /// <returns>Empty where there are no losses.</returns>
    public static string Of(IEnumerable<MeasuredRun> runs, MethodLook look)
    {
        var methods = runs.Where(run => run.Losses.Count > 0).GroupBy(run => run.Arm.Method).ToArray();
        if (methods.Length == 0)
        {
            return "";
        }

        var smoothed = Math.Max(1, methods.Max(method => method.Max(run => run.Losses.Count)) * 2 / MostPoints);
        var seeds = methods.SelectMany(method =>
            method.Select(run => new ChartSeries(null, $"thin {look.StyleOf(method.Key)}", Smoothed(run.Losses, smoothed))));
        var means = methods.Select(method => new ChartSeries(
            MethodLook.NameOf(method.Key), look.StyleOf(method.Key), Smoothed(Mean([.. method.Select(run => run.Losses)]), smoothed)));
        return new LineChart(
            $"Loss, mean of {(smoothed == 1 ? "a step" : $"{smoothed} steps")} and of all seeds; each seed as a thin line",
            "optimizer step", "loss, nats a token", [.. seeds, .. means]).ToHtml();
    }

    private static (double X, double Y)[] Smoothed(IReadOnlyList<double> losses, int steps) =>
        [.. losses.Chunk(steps).Select((chunk, index) => ((index * steps) + (chunk.Length / 2.0), chunk.Average()))];

    /// <summary>Of every step that all runs have.</summary>
    private static double[] Mean(IReadOnlyList<double>[] runs) =>
        [.. Enumerable.Range(0, runs.Min(run => run.Count)).Select(step => runs.Average(losses => losses[step]))];
}
