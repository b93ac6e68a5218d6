using System.Globalization;
using System.Numerics;
using Rebound.Calculation.Expressions;

namespace Rebound.Calculation.Numbers;

/// <summary>
/// A binary floating-point number <c>Mantissa · 2^Exponent</c> of a stated precision, every operation rounded to nearest,
/// ties to even. At 53 bits it is IEEE double without its bounds on the exponent; decimals of more digits carry more bits.
/// </summary>
internal readonly record struct BigFloat : IComparable<BigFloat>
{
    /// <summary>The precision of a double, and of decimals of up to 15 digits.</summary>
    public const int DoubleBits = 53;

    private BigFloat(BigInteger mantissa, int exponent, int precision)
    {
        (Mantissa, Exponent, Precision) = (mantissa, exponent, precision);
    }

    /// <summary>Odd, or zero: a value has one form.</summary>
    public BigInteger Mantissa { get; }

    public int Exponent { get; }

    /// <summary>Bits.</summary>
    public int Precision { get; }

    public int Sign => Mantissa.Sign;

    public Rational Exact
    {
        get
        {
            CalculationLimits.CheckBits(Math.Abs((double)Exponent));
            return Exponent >= 0 ? new(Mantissa << Exponent, 1) : new(Mantissa, BigInteger.One << -Exponent);
        }
    }

    /// <summary>The precision that a decimal with this many significant digits is read at.</summary>
    public static int BitsFor(int digits) => Math.Max(1, (int)Math.Round((digits + 1) * 3.3219280948873626));

    public static BigFloat Of(double value, int precision = DoubleBits)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var field = (int)((bits >> 52) & 0x7FF);
        BigInteger mantissa = (bits & 0xFFFFFFFFFFFFF) | (field == 0 ? 0 : 1L << 52);
        return Round(bits < 0 ? -mantissa : mantissa, Math.Max(field, 1) - 1075, precision);
    }

    public static BigFloat Of(Rational value, int precision = DoubleBits)
    {
        if (value.IsZero)
        {
            return new(0, 0, precision);
        }

        // Two bits beyond the precision, and a third that says whether anything follows.
        var shift = precision + 2 - (int)(value.Numerator.GetBitLength() - value.Denominator.GetBitLength());
        var (scaled, divisor) = shift >= 0 ? (value.Numerator << shift, value.Denominator) : (value.Numerator, value.Denominator << -shift);
        var quotient = BigInteger.DivRem(BigInteger.Abs(scaled), divisor, out var remainder);
        quotient = (quotient << 1) | (remainder.IsZero ? 0 : 1);
        return Round(value.Sign < 0 ? -quotient : quotient, -shift - 1, precision);
    }

    /// <summary>The same value at another precision.</summary>
    public BigFloat At(int precision) => Round(Mantissa, Exponent, precision);

    /// <summary>The number times a power of two.</summary>
    public BigFloat Times2(long power) => new(Mantissa, Mantissa.IsZero ? 0 : checked((int)(Exponent + power)), Precision);

    public static BigFloat operator +(BigFloat a, BigFloat b)
    {
        var precision = Math.Max(a.Precision, b.Precision);
        if (a.Mantissa.IsZero || b.Mantissa.IsZero)
        {
            return (a.Mantissa.IsZero ? b : a).At(precision);
        }

        var exponent = Math.Min(a.Exponent, b.Exponent);
        CalculationLimits.CheckBits((double)Math.Max(a.Exponent, b.Exponent) - exponent);
        return Round((a.Mantissa << (a.Exponent - exponent)) + (b.Mantissa << (b.Exponent - exponent)), exponent, precision);
    }

    public static BigFloat operator *(BigFloat a, BigFloat b) =>
        Round(a.Mantissa * b.Mantissa, checked(a.Exponent + b.Exponent), Math.Max(a.Precision, b.Precision));

    public static BigFloat operator /(BigFloat a, BigFloat b)
    {
        var precision = Math.Max(a.Precision, b.Precision);
        var ratio = Of(new Rational(a.Mantissa, b.Mantissa), precision);
        return new(ratio.Mantissa, ratio.Mantissa.IsZero ? 0 : checked(ratio.Exponent + a.Exponent - b.Exponent), precision);
    }

    public static bool operator <(BigFloat a, BigFloat b) => a.CompareTo(b) < 0;

    public static bool operator >(BigFloat a, BigFloat b) => a.CompareTo(b) > 0;

    public static bool operator <=(BigFloat a, BigFloat b) => a.CompareTo(b) <= 0;

    public static bool operator >=(BigFloat a, BigFloat b) => a.CompareTo(b) >= 0;

    public BigFloat Power(BigInteger exponent)
    {
        if (BigInteger.Abs(exponent) > int.MaxValue
            || Math.Abs((Exponent + (double)Mantissa.GetBitLength()) * (double)exponent) > CalculationLimits.Bits)
        {
            throw new CalculationException("the number is too large or too small.");
        }

        // Thirty-two bits more than asked for carry the rounding of up to 2^31 products.
        var (result, square) = (Of(Rational.One, Precision + 32), At(Precision + 32));
        for (var rest = BigInteger.Abs(exponent); !rest.IsZero; rest >>= 1)
        {
            result = rest.IsEven ? result : result * square;
            square *= square;
        }

        return (exponent.Sign < 0 ? Of(Rational.One, Precision + 32) / result : result).At(Precision);
    }

    public int CompareTo(BigFloat other)
    {
        if (Sign != other.Sign || Sign == 0)
        {
            return Sign.CompareTo(other.Sign);
        }

        // Of numbers with one highest bit the mantissas are brought to one exponent, which is no further than they are long.
        var order = (Exponent + Mantissa.GetBitLength()).CompareTo(other.Exponent + other.Mantissa.GetBitLength()) * Sign;
        var exponent = Math.Min(Exponent, other.Exponent);
        return order != 0 ? order : (Mantissa << (Exponent - exponent)).CompareTo(other.Mantissa << (other.Exponent - exponent));
    }

    /// <summary>The nearest double; infinite beyond its range.</summary>
    public double ToDouble()
    {
        var top = Exponent + (double)Mantissa.GetBitLength();
        if (top is > 1100 or < -1200)
        {
            return top > 0 ? Sign * double.PositiveInfinity : 0;
        }

        var bits = top < -1021 ? Math.Max(DoubleBits - (-1021 - (int)top), 1) : DoubleBits;
        var rounded = At(bits);
        return Math.ScaleB((double)rounded.Mantissa, rounded.Exponent);
    }

    /// <summary>
    /// Significant decimal digits, rounded half to even on the exact value, and the power of ten of the first:
    /// 0.0123 to 3 digits is ("123", −2).
    /// </summary>
    public (string Digits, int Power) ToDecimal(int digits)
    {
        if (Mantissa.IsZero)
        {
            return (new string('0', digits), 0);
        }

        // The first guess of the power is never too high: rounding 99999.95 up to 100000 must not hide its last digit.
        CalculationLimits.CheckBits(Math.Abs((double)Exponent));
        var size = BigInteger.Abs(Mantissa);
        var power = (int)Math.Floor((Exponent + (double)Mantissa.GetBitLength() - 1) * 0.30102999566398120);
        while (true)
        {
            var scale = digits - 1 - power;
            var numerator = (scale > 0 ? size * BigInteger.Pow(10, scale) : size) << Math.Max(Exponent, 0);
            var denominator = (scale < 0 ? BigInteger.Pow(10, -scale) : BigInteger.One) << Math.Max(-Exponent, 0);
            Work.SpendProduct(numerator.GetBitLength() + denominator.GetBitLength());
            var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
            var order = (rest << 1).CompareTo(denominator);
            quotient += order > 0 || (order == 0 && !quotient.IsEven) ? 1 : 0;
            var text = quotient.ToString(CultureInfo.InvariantCulture);
            if (text.Length == digits)
            {
                return (text, power);
            }

            power += text.Length < digits ? -1 : 1;
        }
    }

    private static BigFloat Round(BigInteger mantissa, int exponent, int precision)
    {
        if (mantissa.IsZero)
        {
            return new(0, 0, precision);
        }

        var excess = (int)BigInteger.Abs(mantissa).GetBitLength() - precision;
        if (excess > 0)
        {
            var size = BigInteger.Abs(mantissa);
            var kept = size >> excess;
            var rest = size - (kept << excess);
            var order = rest.CompareTo(BigInteger.One << (excess - 1));
            kept += order > 0 || (order == 0 && !kept.IsEven) ? 1 : 0;
            (mantissa, exponent) = (mantissa.Sign < 0 ? -kept : kept, checked(exponent + excess));
        }

        var zeros = TrailingZeros(mantissa);
        return new(mantissa >> zeros, checked(exponent + zeros), precision);
    }

    private static int TrailingZeros(BigInteger value)
    {
        var lowest = value & -value;
        return (int)lowest.GetBitLength() - 1;
    }
}
