using Rebound.Study.Watching;

namespace Rebound.Study.Reporting;

/// <summary>A metric of several runs over their steps: lines smoothed on request, with the values as they are behind them.</summary>
public static class CurveChart
{
    /// <summary>Points of a line; more would lie on top of each other.</summary>
    private const int MostPoints = 400;

    private static readonly string[] Styles = ["nat", "nut", "other1", "other2", "other0", "other3", "other5", "vanilla", "other4"];

    /// <summary>The CSS class that colours a run by its place among those that are shown together.</summary>
    public static string StyleOf(int place) => Styles[place % Styles.Length] + (place < Styles.Length ? "" : " dashed");

    /// <param name="title">In words.</param>
    /// <param name="yLabel">The metric and its unit.</param>
    /// <param name="curves">By the run's place; null for a run without the metric.</param>
    /// <param name="smoothing">From 0, not at all, to below 1: the share of a smoothed value that comes from those before.</param>
    /// <param name="logarithmic">Whether the axis is; values that are not above zero are left out then.</param>
    /// <returns>HTML; empty where there is nothing to draw.</returns>
    public static string Of(string title, string yLabel, IReadOnlyList<MetricCurve?> curves, double smoothing, bool logarithmic)
    {
        var lines = new List<ChartSeries>();
        foreach (var (place, curve) in curves.Index())
        {
            (double X, double Y)[] points = curve is null ? [] :
                [.. curve.Steps.Zip(curve.Values, (step, value) => ((double)step, (double)value)).Where(point => IsDrawn(point.Item2))];
            if (points.Length > 0)
            {
                if (smoothing > 0 && points.Length > 1)
                {
                    lines.Add(new ChartSeries(null, $"thin {StyleOf(place)}", Thinned(points)));
                }

                lines.Add(new ChartSeries(null, StyleOf(place), Thinned(Smoothed(points, smoothing)))
                {
                    Dots = points.Length <= 2 ? points : [],
                });
            }
        }

        if (lines.Count == 0)
        {
            return "";
        }

        var values = lines.SelectMany(line => line.Points.Select(point => point.Y)).ToArray();
        return new LineChart(title, "step", yLabel, lines, leastStep: 1)
        {
            Sizes = ChartSize.Small,
            Y = logarithmic ? ChartAxis.Logarithmic(values.Min(), values.Max()) : ChartAxis.Around(values.Min(), values.Max()),
        }.ToHtml();

        bool IsDrawn(double value) => double.IsFinite(value) && (!logarithmic || value > 0);
    }

    /// <summary>The exponential moving average, without its bias towards zero at the beginning.</summary>
    internal static (double X, double Y)[] Smoothed((double X, double Y)[] points, double smoothing)
    {
        var (mean, weight) = (0.0, 0.0);
        return smoothing == 0 ? points :
        [
            .. points.Select(point =>
            {
                (mean, weight) = ((smoothing * mean) + ((1 - smoothing) * point.Y), (smoothing * weight) + (1 - smoothing));
                return (point.X, mean / weight);
            }),
        ];
    }

    /// <summary>Of every stretch the least and the greatest value, so that no peak is lost.</summary>
    internal static (double X, double Y)[] Thinned((double X, double Y)[] points) => points.Length <= MostPoints ? points :
    [
        .. points.Chunk((int)Math.Ceiling(2.0 * points.Length / MostPoints)).SelectMany(stretch =>
            new[] { stretch.MinBy(point => point.Y), stretch.MaxBy(point => point.Y) }.Distinct().OrderBy(point => point.X)),
    ];
}
