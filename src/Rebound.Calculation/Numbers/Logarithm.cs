using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Functions;

namespace Rebound.Calculation.Numbers;

/// <summary>Logarithms that come out, and ratios of them: log(8)/log(2) is 3.</summary>
internal static class Logarithm
{
    /// <summary>Steps of Euclid's algorithm on the exponents; each at least halves one of them twice over.</summary>
    private const int MostSteps = 100;

    public static Expression Of(Expression argument) => FunctionTable.Apply("log", [argument]);

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
        Approximate => FunctionTable.Approximated("log", argument, x => Math.Log(x)),
        Constant constant when constant == Constant.E => Number.One,
        Constant constant when constant == Constant.I => Product.Of(Number.Half, Constant.I, Constant.Pi),
        Power { Base: Constant constant } power when constant == Constant.E
            && NumericValue.TryReal(power.Exponent) is not null => power.Exponent,
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
        for (var step = 0; step < MostSteps; step++)
        {
            if (!x.IsOne && !DividesPower(x, y))
            {
                return null;
            }

            (var whole, x) = Divide(x, y);

            (numerator, nextNumerator) = (nextNumerator, (whole * nextNumerator) + numerator);
            (denominator, nextDenominator) = (nextDenominator, (whole * nextDenominator) + denominator);
            if (x.IsOne)
            {
                return new Exact(new Rational(sign * nextNumerator, nextDenominator));
            }

            (x, y) = (y, x);
        }

        return null;
    }

    /// <summary>
    /// How often a number above one goes into another, and what is left: first its square as often as that goes, and then once more.
    /// </summary>
    private static (BigInteger Times, Rational Left) Divide(Rational x, Rational y)
    {
        if (x < y)
        {
            return (0, x);
        }

        var (pairs, rest) = x / y is var quotient && quotient < y ? (BigInteger.Zero, x) : Divide(x, y * y);
        return rest < y ? (2 * pairs, rest) : ((2 * pairs) + 1, rest / y);
    }

    /// <summary>Whether the smaller number may be a root of the larger: each of its primes must be the other's.</summary>
    private static bool DividesPower(Rational smaller, Rational larger) =>
        Covers(larger.Numerator, smaller.Numerator) && Covers(larger.Denominator, smaller.Denominator)
        && Covers(smaller.Numerator, larger.Numerator) && Covers(smaller.Denominator, larger.Denominator);

    /// <summary>
    /// Whether a number has no prime factor that another lacks; what they share is squared, so that high powers go at once.
    /// </summary>
    private static bool Covers(BigInteger whole, BigInteger part)
    {
        Work.SpendDivisor(whole, part);
        for (var shared = BigInteger.GreatestCommonDivisor(
            whole, part); !shared.IsOne; shared = BigInteger.GreatestCommonDivisor(shared * shared, part))
        {
            part /= shared;
            Work.SpendDivisor(shared, part);
        }

        return part.IsOne;
    }
}
