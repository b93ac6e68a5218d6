namespace Rebound.Agents.Evaluation;

/// <summary>The percentile interval of a mean over resampled questions (Efron 1979, "Bootstrap methods: another look at the jackknife").</summary>
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

        var random = new Random(Seed);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < values.Count; j++)
            {
                sum += values[random.Next(values.Count)];
            }

            means[i] = sum / values.Count;
        }

        Array.Sort(means);
        return new Interval(Quantile(means, 0.025), Quantile(means, 0.975));
    }

    /// <summary>Between the two order statistics around it, linearly.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return double.Lerp(sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)], position - below);
    }
}
