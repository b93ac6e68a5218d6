using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Numbers;

/// <summary>Finds out whether an expression of roots and logarithms is a fraction after all.</summary>
internal static class ExactValue
{
    /// <summary>
    /// The work budget of the search for a fraction, a part of the calculation's own, so that a result is left where none is found.
    /// </summary>
    private const long Steps = 1_000_000;

    /// <summary>The fraction, or null where none is found within the limits.</summary>
    public static Exact? TryFind(Expression expression)
    {
        try
        {
            return Work.Bounded(Steps, () => Find(expression));
        }
        catch (CalculationException)
        {
            // Too much work to tell: the value in floating point stands.
            return null;
        }
    }

    private static Exact? Find(Expression expression)
    {
        var spread = SpreadLogarithms(expression);
        return spread as Exact ?? Expansion.Of(spread) as Exact ?? Cancellation.Of(spread, new Effort()) as Exact;
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
        var (factors, rest) = SmallFactors.Of(value);
        var terms = factors.Select(factor => new Call("log", [new Exact(factor.Prime)]).Scaled(new Exact(factor.Exponent)));
        return rest.IsOne ? terms : terms.Append(new Call("log", [new Exact(rest)]));
    }
}
