namespace Rebound.Agents.Evaluation;

/// <summary>95 % percentile intervals over resampled questions (Efron 1979, "Bootstrap methods: another look at the jackknife").</summary>
public static class BootstrapInterval
{
    private const int Resamples = 10_000;
    private const int Seed = 20_240_223;

    /// <summary>The same for the same values in the same order.</summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static Interval OfMean(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("An interval needs at least one value.", nameof(values));
        }

        return Of(Resamples, random =>
        {
            var sum = 0.0;
            for (var j = 0; j < values.Count; j++)
            {
                sum += values[random.Next(values.Count)];
            }

            return sum / values.Count;
        });
    }

    /// <summary>The percentile interval of any statistic.</summary>
    /// <param name="draw">The statistic of one resample.</param>
    public static Interval Of(int resamples, Func<Random, double> draw)
    {
        var random = new Random(Seed);
        var statistics = new double[resamples];
        for (var i = 0; i < resamples; i++)
        {
            statistics[i] = draw(random);
        }

        Array.Sort(statistics);
        return new Interval(Quantile(statistics, 0.025), Quantile(statistics, 0.975));
    }

    /// <summary>Between the two order statistics around it, linearly.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return double.Lerp(sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)], position - below);
    }
}
