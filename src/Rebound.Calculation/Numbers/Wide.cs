using System.Numerics;
using Rebound.Calculation.Expressions;

namespace Rebound.Calculation.Numbers;

/// <summary>
/// A complex number of a double's precision without its bounds on the exponent: <c>Value · 2^Exponent</c>. What doubles can hold
/// has the exponent 0 and is calculated with as doubles are, to the last bit; what is beyond them goes on where they would end at
/// infinity or at zero.
/// </summary>
internal readonly record struct Wide
{
    /// <summary>The exponent of two at which a value is taken out of the doubles, above and below.</summary>
    private const int Ordinary = 1000;

    /// <summary>No result has a larger exponent of two: what is beyond is of no use to anyone.</summary>
    private const long LargestExponent = 1L << 40;

    private Wide(Complex value, long exponent) => (Value, Exponent) = (value, exponent);

    public Complex Value { get; }

    public long Exponent { get; }

    public bool IsNaN => double.IsNaN(Value.Real) || double.IsNaN(Value.Imaginary);

    public bool IsZero => Value == Complex.Zero;

    /// <summary>−1, 0 or 1: where a real number lies.</summary>
    public int Sign => Value.Real > 0 ? 1 : Value.Real < 0 ? -1 : 0;

    /// <summary>The angle in radians.</summary>
    public double Phase => Value.Phase;

    public Wide RealPart => Normal(Value.Real, Exponent);

    public Wide ImaginaryPart => Normal(Value.Imaginary, Exponent);

    /// <summary>The real part.</summary>
    /// <exception cref="CalculationException">No double can hold it.</exception>
    public double Real => ((Complex)this).Real;

    /// <summary>
    /// A double of a real number's sign: the largest for one that is beyond the doubles, the smallest for one that is too small.
    /// </summary>
    public double Nearest => Exponent == 0 ? Value.Real : Exponent > 0 ? Sign * double.MaxValue : Sign * double.Epsilon;

    public static Wide NaN => new(new Complex(double.NaN, 0), 0);

    public static implicit operator Wide(Complex value) => new(value, 0);

    public static implicit operator Wide(double value) => new(value, 0);

    /// <summary>The number as doubles; one that is too small is zero.</summary>
    /// <exception cref="CalculationException">It is too large.</exception>
    public static implicit operator Complex(Wide value) => value.Exponent switch
    {
        0 => value.Value,
        < 0 => Complex.Zero,
        _ => throw new CalculationException("the number is too large for this function."),
    };

    public static Wide Of(BigFloat value)
    {
        var top = value.Exponent + (double)value.Mantissa.GetBitLength();
        if (value.Mantissa.IsZero || Math.Abs(top) < Ordinary)
        {
            return value.ToDouble();
        }

        var rounded = value.At(BigFloat.DoubleBits);
        return new((double)rounded.Mantissa, rounded.Exponent);
    }

    public static Wide operator +(Wide a, Wide b)
    {
        if (a.Exponent == 0 && b.Exponent == 0 && Complex.IsFinite(a.Value + b.Value))
        {
            return a.Value + b.Value;
        }

        if (a.IsZero || b.IsZero || !a.IsFinite || !b.IsFinite)
        {
            return a.IsZero ? b : b.IsZero ? a : a.Value + b.Value;
        }

        var (x, y) = (a.Scaled(), b.Scaled());
        var exponent = Math.Max(x.Exponent, y.Exponent);
        return Normal(Shift(x.Value, x.Exponent - exponent) + Shift(y.Value, y.Exponent - exponent), exponent);
    }

    public static Wide operator -(Wide a) => new(-a.Value, a.Exponent);

    public static Wide operator -(Wide a, Wide b) => a + -b;

    public static Wide operator *(Wide a, Wide b)
    {
        var product = a.Value * b.Value;
        if ((a.Exponent == 0 && b.Exponent == 0 && IsOrdinary(product)) || a.IsZero || b.IsZero || !a.IsFinite || !b.IsFinite)
        {
            return product;
        }

        var (x, y) = (a.Scaled(), b.Scaled());
        return Normal(x.Value * y.Value, x.Exponent + y.Exponent);
    }

    public static Wide operator /(Wide a, Wide b)
    {
        var quotient = a.Value / b.Value;
        if ((a.Exponent == 0 && b.Exponent == 0 && IsOrdinary(quotient)) || a.IsZero || b.IsZero || !a.IsFinite || !b.IsFinite)
        {
            return quotient;
        }

        var (x, y) = (a.Scaled(), b.Scaled());
        return Normal(x.Value / y.Value, x.Exponent - y.Exponent);
    }

    /// <summary>The order of the real parts.</summary>
    public static int Compare(Wide a, Wide b) => a.Exponent == 0 && b.Exponent == 0
        ? a.Value.Real.CompareTo(b.Value.Real)
        : (a - b).Sign;

    public static Wide Exp(Wide exponent)
    {
        Complex value = exponent;
        var power = Complex.Exp(value);
        if (IsOrdinary(power) || !exponent.IsFinite)
        {
            return power;
        }

        var doublings = Math.Round(value.Real / Math.Log(2));
        return Math.Abs(doublings) > LargestExponent
            ? throw new CalculationException("the number is too large or too small.")
            : Normal(Complex.Exp(value - (doublings * Math.Log(2))), (long)doublings);
    }

    public static Wide Log(Wide value) => value.Exponent == 0
        ? Complex.Log(value.Value)
        : Complex.Log(value.Value) + (value.Exponent * Math.Log(2));

    public static Wide Sqrt(Wide value)
    {
        if (value.Exponent == 0)
        {
            return Complex.Sqrt(value.Value);
        }

        var isOdd = long.IsOddInteger(value.Exponent);
        return Normal(Complex.Sqrt(isOdd ? value.Value * 2 : value.Value), (value.Exponent - (isOdd ? 1 : 0)) / 2);
    }

    public static Wide Abs(Wide value) => Normal(Complex.Abs(value.Value), value.Exponent);

    public static Wide Conjugate(Wide value) => new(Complex.Conjugate(value.Value), value.Exponent);

    /// <summary>A number raised to a power, real where both are and the result is.</summary>
    public static Wide Pow(Wide @base, Wide exponent)
    {
        if (@base.IsZero)
        {
            return Ordinarily(@base.Value, exponent);
        }

        var isReal = exponent.Value.Imaginary == 0 && @base.Value.Imaginary == 0 && (@base.Sign >= 0 || IsWhole(exponent));
        if (@base.Exponent == 0 && exponent.Exponent == 0 && Ordinarily(@base.Value, exponent.Value) is var power
            && (IsOrdinary(power) || !@base.IsFinite || !exponent.IsFinite))
        {
            return power;
        }

        var beyond = Exp(exponent * Log(isReal ? Abs(@base) : @base));
        return isReal && @base.Sign < 0 && double.IsOddInteger(exponent.Nearest) ? -beyond : beyond;
    }

    /// <summary>The real part at a precision.</summary>
    /// <exception cref="CalculationException">It is not finite, or its exponent is too large.</exception>
    public BigFloat ToFloat(int precision) => !double.IsFinite(Value.Real) || Math.Abs(Exponent) > int.MaxValue / 2
        ? throw new CalculationException("the number is too large or too small.")
        : BigFloat.Of(Value.Real, precision).Times2(Exponent);

    private bool IsFinite => Complex.IsFinite(Value);

    private static Complex Ordinarily(Complex @base, Complex exponent)
    {
        if (exponent.Imaginary == 0 && @base.Imaginary == 0 && (@base.Real >= 0 || exponent.Real == Math.Truncate(exponent.Real)))
        {
            return Math.Pow(@base.Real, exponent.Real);
        }

        return @base == Complex.Zero ? Complex.Zero : Complex.Pow(@base, exponent);
    }

    private static bool IsWhole(Wide value) =>
        value.Exponent > 0 || (value.Exponent == 0 && value.Value.Real == Math.Truncate(value.Value.Real));

    /// <summary>Whether a result is what it would be with a larger exponent: neither infinite nor so small that bits are lost.</summary>
    private static bool IsOrdinary(Complex value) => Complex.IsFinite(value)
        && Math.Max(Math.Abs(value.Real), Math.Abs(value.Imaginary)) > 1e-290;

    /// <summary>The same with a value about 1.</summary>
    private Wide Scaled()
    {
        var top = Math.ILogB(Math.Max(Math.Abs(Value.Real), Math.Abs(Value.Imaginary)));
        return new(Shift(Value, -top), Exponent + top);
    }

    /// <summary>The number in the one form that it has.</summary>
    private static Wide Normal(Complex value, long exponent)
    {
        if (value == Complex.Zero || !Complex.IsFinite(value))
        {
            return value;
        }

        var scaled = new Wide(value, exponent).Scaled();
        return Math.Abs(scaled.Exponent) < Ordinary ? Shift(scaled.Value, scaled.Exponent)
            : Math.Abs(scaled.Exponent) > LargestExponent ? throw new CalculationException("the number is too large or too small.")
            : scaled;
    }

    private static Complex Shift(Complex value, long exponent)
    {
        var by = (int)Math.Clamp(exponent, -5_000, 5_000);
        return new(Math.ScaleB(value.Real, by), Math.ScaleB(value.Imaginary, by));
    }
}
