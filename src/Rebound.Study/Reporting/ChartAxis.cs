using System.Globalization;

namespace Rebound.Study.Reporting;

/// <summary>An axis with ticks at round numbers.</summary>
/// <param name="End">The last tick.</param>
/// <param name="Step">From one tick to the next; of a logarithmic axis the factor between two.</param>
internal readonly record struct ChartAxis(double End, double Step)
{
    private const int MostTicks = 6;

    /// <summary>Numbers below are written with an exponent.</summary>
    private const double LeastPlain = 0.01;

    private const double MostPlain = 1e6;

    private static readonly double[] RoundSteps = [1, 2, 2.5, 5, 10];

    /// <summary>The first tick.</summary>
    public double Start { get; init; }

    /// <summary>Whether equal steps are equal factors.</summary>
    public bool IsLogarithmic { get; init; }

    public IEnumerable<double> Ticks
    {
        get
        {
            for (var tick = 0; At(tick) <= End + (Math.Abs(End) * 1e-9); tick++)
            {
                yield return At(tick);
            }
        }
    }

    /// <summary>Where a value lies: 0 at the start, 1 at the end.</summary>
    public double Share(double value) => IsLogarithmic
        ? Math.Log(Math.Max(value, Start) / Start) / Math.Log(End / Start)
        : (value - Start) / (End - Start);

    /// <summary>A tick's value in words.</summary>
    public string Label(double tick) => tick != 0 && (Math.Abs(tick) is var size) && (size < LeastPlain || size >= MostPlain)
        ? tick.ToString("0.##e-0", CultureInfo.InvariantCulture)
        : tick.ToString(!IsLogarithmic && Step < LeastPlain ? "0.####" : "#,0.##", CultureInfo.InvariantCulture);

    /// <summary>The axis from zero that reaches a value with at most six steps.</summary>
    /// <param name="leastStep">The least step that makes sense.</param>
    public static ChartAxis To(double value, double leastStep = 0)
    {
        if (!(value > 0))
        {
            return new ChartAxis(1, 0.5);
        }

        var step = Math.Max(leastStep, RoundStep(value));
        return new ChartAxis(step * Math.Ceiling((value / step) - 1e-9), step);
    }

    /// <summary>The axis around values with at most eight steps, from zero only where that is near.</summary>
    public static ChartAxis Around(double low, double high)
    {
        if (!(high > low))
        {
            (low, high) = (low - (Math.Abs(low) / 2), high > 0 || low < 0 ? high + (Math.Abs(high) / 2) : 1);
        }

        // Zero is near where the values reach over three quarters of the way to it.
        low = low > 0 && low < high / 4 ? 0 : low;
        var step = RoundStep(high - low);
        return new ChartAxis(step * Math.Ceiling((high / step) - 1e-9), step) { Start = step * Math.Floor((low / step) + 1e-9) };
    }

    /// <summary>The logarithmic axis around values above zero.</summary>
    public static ChartAxis Logarithmic(double low, double high)
    {
        var (first, last) = (Math.Floor(Math.Log10(low) + 1e-9), Math.Ceiling(Math.Log10(high) - 1e-9));
        last = Math.Max(last, first + 1);
        var decades = Math.Ceiling((last - first) / MostTicks);
        last = first + (Math.Ceiling((last - first) / decades) * decades);
        return new ChartAxis(Math.Pow(10, last), Math.Pow(10, decades)) { Start = Math.Pow(10, first), IsLogarithmic = true };
    }

    private double At(int tick) => IsLogarithmic ? Start * Math.Pow(Step, tick) : Start + (tick * Step);

    private static double RoundStep(double range)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(range / MostTicks)));
        return power * RoundSteps.First(round => round * power * MostTicks >= range * (1 - 1e-9));
    }
}
