namespace Rebound.Agents.Evaluation;

/// <summary>The interval of a proportion (Wilson 1927, "Probable inference, the law of succession, and statistical inference").</summary>
public static class WilsonInterval
{
    /// <summary>The standard normal's quantile of 0.975.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no trials, or more successes than trials.</exception>
    public static Interval Of(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        var share = (double)successes / trials;
        var spread = Z * Math.Sqrt((share * (1 - share) / trials) + (Z * Z / (4.0 * trials * trials)));
        var (center, scale) = (share + (Z * Z / (2.0 * trials)), 1 + (Z * Z / trials));

        // At the ends the formula gives 0 and 1 up to rounding.
        return new Interval(
            successes == 0 ? 0 : (center - spread) / scale,
            successes == trials ? 1 : (center + spread) / scale);
    }
}
