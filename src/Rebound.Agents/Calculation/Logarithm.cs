using System.Numerics;

namespace Rebound.Agents.Calculation;

/// <summary>Logarithms that come out, and ratios of them: log(8)/log(2) is 3.</summary>
internal static class Logarithm
{
    public static Expression Of(Expression argument) => Functions.Apply("log", [argument]);

    /// <summary>The logarithm in canonical form; null where the call stays as it is.</summary>
    public static Expression? TryOf(Expression argument) => argument switch
    {
        Infinite infinite when infinite == Infinite.Negative => Infinite.Positive,
        Infinite infinite => infinite,
        Number { IsZero: true } => Infinite.Complex,
        Number { IsOne: true } => Number.Zero,
        Exact { Sign: < 0 } number => Sum.Of(Of(number * Number.MinusOne), Constant.I * Constant.Pi),
        Exact { Value: { IsInteger: false, Numerator.IsOne: true } } number => -Of(new Exact(number.Value.Reciprocal)),
        Approximate { Sign: < 0 } number => Sum.Of(Of(number * Number.MinusOne), Constant.I * Constant.Pi),
        Approximate => Functions.Approximated(argument, Math.Log),
        Constant constant when constant == Constant.E => Number.One,
        Constant constant when constant == Constant.I => Product.Of(Number.Half, Constant.I, Constant.Pi),
        Power { Base: Constant constant } power when constant == Constant.E && NumericValue.TryReal(power.Exponent) is not null => power.Exponent,
        _ => null,
    };

    /// <summary>The logarithm of a number to a base, where both are powers of one number; null otherwise.</summary>
    public static Expression? Ratio(Expression argument, Expression @base)
    {
        if (argument is not Exact { Sign: > 0, Value: var x } || @base is not Exact { Sign: > 0, Value: var y } || y.IsOne)
        {
            return null;
        }

        // Euclid's algorithm on the exponents: log_y(x) = 1 / log_x(y), and log_y(x·y) = log_y(x) + 1.
        var (numerator, denominator, nextNumerator, nextDenominator) = (BigInteger.Zero, BigInteger.One, BigInteger.One, BigInteger.Zero);
        (x, var sign) = x < Rational.One ? (x.Reciprocal, -1) : (x, 1);
        (y, sign) = y < Rational.One ? (y.Reciprocal, -sign) : (y, sign);
        for (var step = 0; step < CalculationLimits.Depth; step++)
        {
            BigInteger whole = 0;
            while (x >= y)
            {
                x /= y;
                whole++;
            }

            (numerator, nextNumerator) = (nextNumerator, (whole * nextNumerator) + numerator);
            (denominator, nextDenominator) = (nextDenominator, (whole * nextDenominator) + denominator);
            if (x.IsOne)
            {
                return new Exact(new Rational(sign * nextNumerator, nextDenominator));
            }

            if (!DividesPower(x, y))
            {
                return null;
            }

            (x, y) = (y, x);
        }

        return null;
    }

    /// <summary>Whether the smaller number may be a root of the larger: each of its primes must be the other's.</summary>
    private static bool DividesPower(Rational smaller, Rational larger) =>
        Covers(larger.Numerator, smaller.Numerator) && Covers(larger.Denominator, smaller.Denominator)
        && Covers(smaller.Numerator, larger.Numerator) && Covers(smaller.Denominator, larger.Denominator);

    private static bool Covers(BigInteger whole, BigInteger part)
    {
        for (var shared = BigInteger.GreatestCommonDivisor(whole, part); !shared.IsOne; shared = BigInteger.GreatestCommonDivisor(whole, part))
        {
            part /= shared;
        }

        return part.IsOne;
    }
}
