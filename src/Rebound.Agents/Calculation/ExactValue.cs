using System.Numerics;

namespace Rebound.Agents.Calculation;

/// <summary>Finds out whether an expression of roots and logarithms is a fraction after all.</summary>
internal static class ExactValue
{
    private const int LargestPrime = 1 << 15;

    /// <summary>The fraction, or null where none is found within the limits.</summary>
    public static Exact? TryFind(Expression expression)
    {
        try
        {
            var spread = SpreadLogarithms(expression);
            return spread as Exact ?? Expansion.Of(spread) as Exact ?? Cancellation.Of(spread, new Effort()) as Exact;
        }
        catch (CalculationException)
        {
            // Too much work to tell: the value in floating point stands.
            return null;
        }
    }

    /// <summary>Logarithms of fractions as those of primes, so that ratios and sums of them come out.</summary>
    private static Expression SpreadLogarithms(Expression expression) => expression switch
    {
        Call { Name: "log", Parts: [Exact { Sign: > 0, Value: var value }] } =>
            Sum.Of([.. Spread(value.Numerator), .. Spread(value.Denominator).Select(term => -term)]),
        Sum or Product or Power or Call => expression.With([.. expression.Parts.Select(SpreadLogarithms)]),
        _ => expression,
    };

    private static IEnumerable<Expression> Spread(BigInteger value)
    {
        for (var prime = 2; prime < LargestPrime && !value.IsOne; prime++)
        {
            for (; (value % prime).IsZero; value /= prime)
            {
                yield return new Call("log", [new Exact(prime)]);
            }
        }

        if (!value.IsOne)
        {
            yield return new Call("log", [new Exact(value)]);
        }
    }
}
