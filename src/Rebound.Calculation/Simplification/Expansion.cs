using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>Products and whole powers of sums multiplied out.</summary>
internal static class Expansion
{
    public static Expression Of(Expression expression) => expression switch
    {
        Sum sum => Sum.Of(sum.Parts.Select(Of)),
        Product product => product.Parts.Select(Of).Aggregate((Expression)Number.One, Multiply),
        Power { Exponent: Exact { IsInteger: true, Value: var exponent } } power when Of(power.Base) is Sum sum => Raise(sum, exponent),
        Power power => Power.Of(Of(power.Base), Of(power.Exponent)),
        Call call => call.With([.. call.Parts.Select(Of)]),
        _ => expression,
    };

    private static Expression Multiply(Expression a, Expression b)
    {
        var (left, right) = (Sum.TermsOf(a), Sum.TermsOf(b));
        if ((long)left.Count * right.Count > CalculationLimits.Terms)
        {
            throw new CalculationException("the expanded expression has too many terms.");
        }

        return left.Count == 1 && right.Count == 1 ? a * b : Sum.Of(left.SelectMany(x => right.Select(y => Product.Of(x, y))));
    }

    private static Expression Raise(Sum sum, Rational exponent)
    {
        if (exponent.Abs > CalculationLimits.Power)
        {
            throw new CalculationException($"a sum is raised to a power of {CalculationLimits.Power} at most.");
        }

        var power = (Expression)Number.One;
        for (var i = 0; i < (int)exponent.Abs.Numerator; i++)
        {
            power = Multiply(power, sum);
        }

        return exponent.Sign < 0 ? Power.Of(power, Number.MinusOne) : power;
    }
}
