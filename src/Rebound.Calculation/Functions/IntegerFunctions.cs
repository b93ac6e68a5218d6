using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Functions;

/// <summary>Functions of whole numbers: factorials and binomials, divisors and multiples, remainders.</summary>
internal static class IntegerFunctions
{
    /// <summary>The largest number whose factorial is multiplied out; it has more digits than may be printed.</summary>
    private const int LargestFactorial = 3_000;

    public static readonly IReadOnlyList<(string Name, Function Function)> All =
    [
        ("factorial", new(1, 1, arguments => Factorial(arguments[0]), values => OfReals(values, x => GammaFunction.Of(x[0] + 1)))),
        ("factorial2", new(1, 1, arguments => DoubleFactorial(arguments[0]), values => Wide.NaN)),
        ("gamma", new(1, 1, arguments => arguments[0] is Exact { IsInteger: true } whole ? Factorial(whole + Number.MinusOne)
            : FunctionTable.Approximated("gamma", arguments[0], GammaFunction.Of), values => OfReals(values, x => GammaFunction.Of(x[0])))),
        ("binomial",
            new(2, 2, Binomial,
                values =>
                    OfReals(values, x => GammaFunction.Of(x[0] + 1) / (GammaFunction.Of(x[1] + 1) * GammaFunction.Of(x[0] - x[1] + 1))))),
        ("gcd", new(1, int.MaxValue, arguments => Fold(arguments, CommonFactors.Gcd) ?? (Expression)Number.One)),
        ("lcm", new(1, int.MaxValue, arguments => Fold(arguments, LeastCommonMultiple) ?? Product.Of(arguments))),
        ("Mod",
            new(2, 2, arguments => Remainder(arguments[0], arguments[1]),
                values => OfReals(values, x => x[0] - (x[1] * Math.Floor(x[0] / x[1]))))),
        ("isprime", new(1, 1, arguments => new BooleanValue(IsPrime(Whole("isprime", arguments[0]))))),
    ];

    /// <summary>The remainder as Python's <c>%</c> and sympy's Mod define it: the sign is the divisor's.</summary>
    /// <exception cref="CalculationException">The divisor is zero.</exception>
    public static Expression? Remainder(Expression dividend, Expression divisor) => (dividend, divisor) switch
    {
        (_, Number { IsZero: true }) => throw new CalculationException("modulo by zero."),
        (Infinite, _) or (_, Infinite) => Infinite.NotANumber,
        (Number a, Number b) => Remainder(a, b),
        _ when dividend.IsNumeric
            && NumericValue.TryReal(dividend) is null => throw new CalculationException("a complex number has no remainder."),
        _ => dividend.Equals(divisor) ? Number.Zero : null,
    };

    /// <summary>A function of real numbers; complex ones have no value.</summary>
    private static Wide OfReals(Wide[] values, Func<double[], Wide> function) =>
        values.All(value => value.Value.Imaginary == 0) ? function([.. values.Select(value => value.Real)]) : Wide.NaN;

    private static Number Remainder(Number dividend, Number divisor)
    {
        // Where the rounded quotient is whole, sympy leaves nothing: 88.0 % 1.1 is 0, though 1.1 is a little more than that.
        if (dividend is Approximate && divisor is Approximate && Number.Quotient(dividend, divisor) is { ExactValue.IsInteger: true })
        {
            return new Approximate(BigFloat.Of(0.0));
        }

        var (a, b) = (dividend.ExactValue, divisor.ExactValue);
        var remainder = a - (b * (a / b).Floor);
        return dividend is Exact && divisor is Exact ? new Exact(remainder) : new Approximate(BigFloat.Of(remainder));
    }

    private static Expression? Factorial(Expression argument)
    {
        if (argument is not Exact { IsInteger: true, Value: var value })
        {
            return argument is Infinite ? argument : FunctionTable.Approximated("factorial", argument, x => GammaFunction.Of(x + 1));
        }

        return value.Sign < 0 ? Infinite.Complex : new Exact(ProductDown(value.Numerator, 1));
    }

    private static Exact? DoubleFactorial(Expression argument) => argument is Exact { IsInteger: true, Value: { Sign: >= 0 } value }
        ? new Exact(ProductDown(value.Numerator, 2))
        : null;

    private static BigInteger ProductDown(BigInteger from, int step)
    {
        if (from > LargestFactorial * step)
        {
            throw new CalculationException($"the factorial of a number above {LargestFactorial * step} has too many digits.");
        }

        var product = BigInteger.One;
        for (var factor = (int)from; factor > 1; factor -= step)
        {
            product *= factor;
        }

        return product;
    }

    private static Exact? Binomial(IReadOnlyList<Expression> arguments)
    {
        if (arguments is not [Exact { IsInteger: true, Value: var n }, Exact { IsInteger: true, Value: var k }])
        {
            return null;
        }

        var (from, of) = (n.Numerator, k.Numerator);
        if (of.Sign < 0 || (from.Sign >= 0 && of > from))
        {
            return Number.Zero;
        }

        of = from.Sign >= 0 ? BigInteger.Min(of, from - of) : of;
        CalculationLimits.CheckBits((double)of * Math.Max(1, BigInteger.Abs(from).GetBitLength()));
        var result = BigInteger.One;
        for (var i = 1; i <= of; i++)
        {
            Work.Spend(1 + (result.GetBitLength() / 1_000));
            result = result * (from - of + i) / i;
        }

        return new Exact(result);
    }

    private static Exact? Fold(IReadOnlyList<Expression> arguments, Func<Rational, Rational, Rational> fold) =>
        arguments.All(argument => argument is Exact)
            ? new Exact(arguments.Select(argument => ((Exact)argument).Value).Aggregate(fold).Abs)
            : null;

    private static Rational LeastCommonMultiple(Rational a, Rational b) =>
        a.IsZero || b.IsZero ? Rational.Zero : a * b / CommonFactors.Gcd(a, b);

    private static bool IsPrime(BigInteger value)
    {
        if (value < 2 || value > long.MaxValue / 4)
        {
            return value >= 2 ? throw new CalculationException("the number is too large to tell whether it is prime.") : false;
        }

        const long Largest = 1L << 40;
        if (value > Largest)
        {
            throw new CalculationException("the number is too large to tell whether it is prime.");
        }

        for (var divisor = 2L; divisor * divisor <= (long)value; divisor++)
        {
            if ((long)value % divisor == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static BigInteger Whole(string function, Expression argument) => argument is Exact { IsInteger: true, Value: var value }
        ? value.Numerator
        : throw new CalculationException($"{function} takes whole numbers.");
}
