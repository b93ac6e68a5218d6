using System.Numerics;
using Rebound.Calculation.Expressions;

namespace Rebound.Calculation.Numbers;

/// <summary>Powers of numbers: exact where the exponent is whole or the root comes out, roots in lowest terms otherwise.</summary>
internal static class NumberPower
{
    public static Expression Of(Number @base, Number exponent) => (@base, exponent) switch
    {
        (Infinite infinite, _) => OfInfinite(infinite, exponent),
        (_, Infinite infinite) => ToInfinite(@base, infinite),
        ({ IsZero: true }, _) => exponent.Sign < 0 ? Infinite.Complex : @base,
        (Exact a, Exact { IsInteger: true } b) => new Exact(a.Value.Power(b.Value.Numerator)),
        (Exact a, Exact b) => Root(a.Value, b.Value),
        (Approximate a, Exact { IsInteger: true } b) => new Approximate(a.Value.Power(b.Value.Numerator)),
        _ => OfDoubles(@base, exponent),
    };

    /// <summary>(−1)^turns.</summary>
    public static Expression OfMinusOne(Rational turns)
    {
        var whole = turns.Floor;
        var fraction = turns - whole;
        var sign = whole.IsEven ? Number.One : Number.MinusOne;
        return fraction.IsZero ? sign
            : Product.Of(sign, fraction.Equals(Rational.Half) ? Constant.I : Power.Hold(Number.MinusOne, new Exact(fraction)));
    }

    private static Expression OfInfinite(Infinite @base, Number exponent) => (@base.Sign, exponent.Sign) switch
    {
        _ when @base == Infinite.NotANumber || exponent.Sign is null => Infinite.NotANumber,
        (_, < 0) => Number.Zero,
        (null, _) => Infinite.Complex,
        ( > 0, _) => Infinite.Positive,
        _ when exponent is Exact { IsInteger: true } whole => whole.Value.Numerator.IsEven ? Infinite.Positive : Infinite.Negative,
        _ => Infinite.Complex,
    };

    private static Expression ToInfinite(Number @base, Infinite exponent)
    {
        if (exponent.Sign is null)
        {
            return Infinite.NotANumber;
        }

        var order = Number.Compare(@base.Sign < 0 ? @base * Number.MinusOne : @base, Number.One) * exponent.Sign.Value;
        return order switch
        {
            0 => Infinite.NotANumber,
            < 0 => @base.IsZero && exponent.Sign < 0 ? Infinite.Complex : Number.Zero,
            _ => @base.Sign > 0 ? Infinite.Positive : Infinite.Complex,
        };
    }

    private static Expression OfDoubles(Number @base, Number exponent)
    {
        var precision = Math.Max((@base as Approximate)?.Value.Precision ?? 0, (exponent as Approximate)?.Value.Precision ?? 0);
        var power = Wide.Pow(NumericValue.Of(@base), NumericValue.Of(exponent));
        var real = new Approximate(power.ToFloat(precision));
        var imaginary = power.ImaginaryPart;
        return imaginary.IsZero ? real : Sum.Of(real, Product.Of(new Approximate(imaginary.ToFloat(precision)), Constant.I));
    }

    private static Expression Root(Rational @base, Rational exponent)
    {
        if (@base.IsMinusOne)
        {
            return OfMinusOne(exponent);
        }

        if (exponent.Sign < 0)
        {
            return @base.Sign < 0
                ? Product.Of(OfMinusOne(exponent), Power.Of(new Exact(@base.Abs.Reciprocal), new Exact(-exponent)))
                : Power.Of(new Exact(@base.Reciprocal), new Exact(-exponent));
        }

        if (@base.Sign < 0)
        {
            return Product.Of(OfMinusOne(exponent), Power.Of(new Exact(@base.Abs), new Exact(exponent)));
        }

        if (@base.IsInteger)
        {
            return IntegerRoot(@base.Numerator, exponent);
        }

        // (p/q)^e is p^e · q^(⌈e⌉−e) / q^⌈e⌉: no root is left below the line.
        var ceiling = -(-exponent).Floor;
        return Product.Of(
            Power.Of(new Exact(@base.Numerator), new Exact(exponent)),
            Power.Of(new Exact(@base.Denominator), new Exact(ceiling - exponent)),
            new Exact(new Rational(@base.Denominator, 1).Power(-ceiling)));
    }

    private static Expression IntegerRoot(BigInteger radicand, Rational exponent)
    {
        var whole = exponent.Floor;
        var fraction = exponent - whole;
        var outside = new Rational(radicand, 1).Power(whole);
        CalculationLimits.CheckBits((double)fraction.Numerator * radicand.GetBitLength());
        if (fraction.Denominator > int.MaxValue)
        {
            return Keep(outside, radicand, fraction);
        }

        var degree = (int)fraction.Denominator;
        if (ExactRoot(radicand, degree) is { } root)
        {
            return new Exact(outside * new Rational(root, 1).Power(fraction.Numerator));
        }

        var (taken, left) = TakeOut(radicand, (int)fraction.Numerator, degree);
        if (left.Count == 0)
        {
            return new Exact(outside * taken);
        }

        // What is left may be a smaller root: 4^(1/10) is 2^(1/5).
        var common = left.Aggregate(BigInteger.Zero, (gcd, factor) => BigInteger.GreatestCommonDivisor(gcd, factor.Value));
        var rest = left.Aggregate(BigInteger.One, (product, factor) => product * BigInteger.Pow(factor.Key, (int)(factor.Value / common)));
        return Keep(outside * taken, rest, new Rational(common, degree));
    }

    private static Expression Keep(Rational outside, BigInteger radicand, Rational exponent)
    {
        var root = exponent.IsInteger
            ? new Exact(new Rational(radicand, 1).Power(exponent.Numerator))
            : Power.Hold(new Exact(radicand), new Exact(exponent));
        return root is Exact number ? new Exact(outside * number.Value) : Product.Assemble(new Exact(outside), [root]);
    }

    /// <summary>Splits radicand^power into the factor that the root takes out and the remaining factors with their exponents.</summary>
    private static (BigInteger Taken, Dictionary<BigInteger, int> Left) TakeOut(BigInteger radicand, int power, int degree)
    {
        var taken = BigInteger.One;
        var left = new Dictionary<BigInteger, int>();
        foreach (var (factor, exponent) in Factors(radicand))
        {
            var (outside, inside) = Math.DivRem((long)exponent * power, degree);
            taken *= BigInteger.Pow(factor, (int)outside);
            if (inside > 0)
            {
                left[factor] = (int)inside;
            }
        }

        return (taken, left);
    }

    private static IEnumerable<(BigInteger Factor, int Exponent)> Factors(BigInteger value)
    {
        (var small, value) = SmallFactors.Of(value);
        foreach (var (prime, exponent) in small)
        {
            yield return (prime, exponent);
        }

        if (!value.IsOne)
        {
            // The large part may still be a square or cube of one large factor.
            var degree = Enumerable.Range(2, 2).FirstOrDefault(degree => ExactRoot(value, degree) is not null, 1);
            yield return (degree == 1 ? value : ExactRoot(value, degree)!.Value, degree);
        }
    }

    /// <summary>The integer whose power is the value, where there is one.</summary>
    private static BigInteger? ExactRoot(BigInteger value, int degree)
    {
        var bits = value.GetBitLength();
        if (degree >= bits)
        {
            return value.IsOne ? value : null;
        }

        var root = FloorRoot(value, degree);
        Work.SpendProduct(bits);
        return BigInteger.Pow(root, degree) == value ? root : null;
    }

    /// <summary>
    /// The largest integer whose power is no larger, by Newton's method down from a number a little above it: that of the upper half
    /// of the digits, found in the same way.
    /// </summary>
    private static BigInteger FloorRoot(BigInteger value, int degree)
    {
        var bits = (int)(value.GetBitLength() / degree);
        var root = bits < BigFloat.DoubleBits - 3
            ? (BigInteger)Math.Ceiling(Math.Exp(BigInteger.Log(value) / degree) * (1 + 1e-9)) + 1
            : (FloorRoot(value >> (bits / 2 * degree), degree) + 1) << (bits / 2);
        while (true)
        {
            Work.SpendProduct(value.GetBitLength());
            var next = (((degree - 1) * root) + (value / BigInteger.Pow(root, degree - 1))) / degree;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }
}
