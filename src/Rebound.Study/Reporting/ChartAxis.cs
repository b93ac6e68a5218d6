namespace Rebound.Study.Reporting;

/// <summary>An axis from zero with ticks at round numbers.</summary>
/// <param name="End">The last tick.</param>
/// <param name="Step">From one tick to the next.</param>
internal readonly record struct ChartAxis(double End, double Step)
{
    private const int MostTicks = 6;

    private static readonly double[] RoundSteps = [1, 2, 2.5, 5, 10];

    public IEnumerable<double> Ticks
    {
        get
        {
            for (var tick = 0; tick * Step <= End * (1 + 1e-9); tick++)
            {
                yield return tick * Step;
            }
        }
    }

    /// <summary>The axis that reaches a value with at most six steps.</summary>
    /// <param name="leastStep">The least step that makes sense.</param>
    public static ChartAxis To(double value, double leastStep = 0)
    {
        if (!(value > 0))
        {
            return new ChartAxis(1, 0.5);
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value / MostTicks)));
        var step = Math.Max(leastStep, power * RoundSteps.First(round => round * power * MostTicks >= value * (1 - 1e-9)));
        return new ChartAxis(step * Math.Ceiling((value / step) - 1e-9), step);
    }
}
