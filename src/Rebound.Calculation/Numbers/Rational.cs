using System.Numerics;
using Rebound.Calculation.Expressions;

namespace Rebound.Calculation.Numbers;

/// <summary>An exact fraction in lowest terms with a positive denominator.</summary>
internal readonly record struct Rational : IComparable<Rational>
{
    /// <summary>Bits of an integer that take a step of <see cref="Work"/>.</summary>
    private const int BitsOfStep = 3_200;

    private readonly BigInteger _denominatorLessOne;

    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsOne)
        {
            Work.Spend(1 + (numerator.GetBitLength() / BitsOfStep));
            Numerator = numerator;
        }
        else
        {
            Work.SpendDivisor(numerator, denominator);
            var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
            Numerator = numerator / divisor;
            _denominatorLessOne = (denominator / divisor) - 1;
        }

        CalculationLimits.CheckBits(Math.Max(Numerator.GetBitLength(), _denominatorLessOne.GetBitLength()));
    }

    public static Rational Zero => default;

    public static Rational One => new(1, 1);

    public static Rational Half => new(1, 2);

    public BigInteger Numerator { get; }

    public BigInteger Denominator => _denominatorLessOne + 1;

    public bool IsInteger => _denominatorLessOne.IsZero;

    public bool IsZero => Numerator.IsZero;

    public bool IsOne => IsInteger && Numerator.IsOne;

    public bool IsMinusOne => IsInteger && Numerator == BigInteger.MinusOne;

    public int Sign => Numerator.Sign;

    public Rational Abs => new(BigInteger.Abs(Numerator), Denominator);

    /// <exception cref="DivideByZeroException">The number is zero.</exception>
    public Rational Reciprocal => new(Denominator, Numerator);

    /// <summary>The largest integer that is not above it.</summary>
    public BigInteger Floor
    {
        get
        {
            var quotient = BigInteger.DivRem(Numerator, Denominator, out var remainder);
            return remainder.Sign < 0 ? quotient - 1 : quotient;
        }
    }

    /// <summary>The nearest integer, a half to the even one.</summary>
    public BigInteger RoundHalfEven()
    {
        var floor = Floor;
        var order = (this - floor).CompareTo(Half);
        return order > 0 || (order == 0 && !floor.IsEven) ? floor + 1 : floor;
    }

    public static implicit operator Rational(int value) => new(value, 1);

    public static implicit operator Rational(BigInteger value) => new(value, 1);

    public static Rational operator +(Rational a, Rational b) =>
        new(Product(a.Numerator, b.Denominator) + Product(b.Numerator, a.Denominator), Product(a.Denominator, b.Denominator));

    public static Rational operator -(Rational a, Rational b) => a + (-b);

    public static Rational operator -(Rational a) => new(-a.Numerator, a.Denominator);

    public static Rational operator *(Rational a, Rational b) =>
        new(Product(a.Numerator, b.Numerator), Product(a.Denominator, b.Denominator));

    public static Rational operator /(Rational a, Rational b) => a * b.Reciprocal;

    public static bool operator <(Rational a, Rational b) => a.CompareTo(b) < 0;

    public static bool operator >(Rational a, Rational b) => a.CompareTo(b) > 0;

    public static bool operator <=(Rational a, Rational b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Rational a, Rational b) => a.CompareTo(b) >= 0;

    public int CompareTo(Rational other) => Product(Numerator, other.Denominator).CompareTo(Product(other.Numerator, Denominator));

    /// <summary>The integer power; a negative exponent of a number that is not zero inverts it.</summary>
    /// <exception cref="CalculationException">The result has too many digits.</exception>
    public Rational Power(BigInteger exponent)
    {
        if (IsOne || exponent.IsZero)
        {
            return One;
        }

        if (IsMinusOne)
        {
            return exponent.IsEven ? One : this;
        }

        if (IsZero)
        {
            return this;
        }

        var size = BigInteger.Abs(exponent);
        CalculationLimits.CheckBits((double)size * Math.Max(BitsAbove(Numerator), BitsAbove(Denominator)));
        Work.SpendProduct((double)size * Math.Max(BitsAbove(Numerator), BitsAbove(Denominator)));
        var power = new Rational(BigInteger.Pow(Numerator, (int)size), BigInteger.Pow(Denominator, (int)size));
        return exponent.Sign < 0 ? power.Reciprocal : power;
    }

    public override string ToString() => IsInteger
        ? CalculationLimits.Text(Numerator)
        : $"{CalculationLimits.Text(Numerator)}/{CalculationLimits.Text(Denominator)}";

    /// <summary>The product; a long one is counted before it is made.</summary>
    private static BigInteger Product(BigInteger a, BigInteger b)
    {
        var bits = a.GetBitLength() + b.GetBitLength();
        if (bits > BitsOfStep)
        {
            Work.SpendProduct(bits);
        }

        return a * b;
    }

    private static double BitsAbove(BigInteger value) => BigInteger.Abs(value).IsOne ? 0 : Math.Max(value.GetBitLength() - 1, 1);
}
