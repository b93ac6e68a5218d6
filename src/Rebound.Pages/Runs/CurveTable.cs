using Rebound.Study.Watching;

namespace Rebound.Pages.Runs;

/// <summary>The numbers behind a chart, at some of its steps.</summary>
internal static class CurveTable
{
    private const int MostRows = 24;

    /// <summary>Steps evenly apart, the first and the last among them, with the value of each curve there.</summary>
    /// <param name="curves">Null for a run without the metric.</param>
    public static IEnumerable<(int Step, IReadOnlyList<float?> Values)> Of(IReadOnlyList<MetricCurve?> curves)
    {
        int[] steps = [.. curves.OfType<MetricCurve>().SelectMany(curve => curve.Steps).Distinct().Order()];
        var rows = Math.Min(MostRows, steps.Length);
        return Enumerable.Range(0, rows).Select(row => steps[rows == 1 ? 0 : (int)((long)row * (steps.Length - 1) / (rows - 1))])
            .Select(step => (step, (IReadOnlyList<float?>)[.. curves.Select(curve => At(curve, step))]));
    }

    private static float? At(MetricCurve? curve, int step) =>
        curve is not null && Place(curve.Steps, step) is >= 0 and var place ? curve.Values[place] : null;

    private static int Place(IReadOnlyList<int> steps, int step) => Array.BinarySearch(steps as int[] ?? [.. steps], step);
}
