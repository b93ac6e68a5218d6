using Rebound.Calculation.Expressions;

namespace Rebound.Calculation.Numbers;

/// <summary>A number that arithmetic is done on: a fraction, a floating-point number, or one of the infinities.</summary>
internal abstract class Number() : Expression([])
{
    public static readonly Exact Zero = new(0);
    public static readonly Exact One = new(1);
    public static readonly Exact MinusOne = new(-1);
    public static readonly Exact Half = new(Rational.Half);

    public bool IsZero => Sign == 0;

    public bool IsOne => this is Exact { Value.IsOne: true };

    public bool IsMinusOne => this is Exact { Value.IsMinusOne: true };

    /// <summary>−1, 0 or 1; null for a number without a direction.</summary>
    public abstract int? Sign { get; }

    public static Number operator +(Number a, Number b) => (a, b) switch
    {
        (Exact x, Exact y) => new Exact(x.Value + y.Value),
        (Infinite x, Infinite y) => x == y && x.Sign is not null ? x : Infinite.NotANumber,
        (Infinite x, _) => x,
        (_, Infinite y) => y,
        (Approximate x, _) => Rounded(x.Value + b.ToFloat(x.Value.Precision)),
        _ => b + a,
    };

    public static Number operator *(Number a, Number b) => (a, b) switch
    {
        (Exact x, Exact y) => new Exact(x.Value * y.Value),
        (Infinite x, _) => x.Times(b),
        (_, Infinite y) => y.Times(a),
        _ when a is Exact { IsZero: true } || b is Exact { IsZero: true } => Zero,
        (Approximate x, _) => new Approximate(x.Value * b.ToFloat(x.Value.Precision)),
        _ => b * a,
    };

    /// <summary>
    /// A quotient: a floating-point number is divided with one rounding, anything else multiplied by the reciprocal, as in sympy.
    /// </summary>
    public static Number? Quotient(Number a, Number b) =>
        a is Approximate { Value: var x } && b is Exact or Approximate && !b.IsZero && b.ToFloat(x.Precision) is var y
            ? Rounded(x / y)
            : null;

    /// <summary>The result of floating-point arithmetic; a zero becomes exact, as in sympy.</summary>
    private static Number Rounded(BigFloat value) => value.Sign == 0 ? Zero : new Approximate(value);

    /// <summary>The number at a precision, for arithmetic with floating-point numbers of that precision.</summary>
    public abstract BigFloat ToFloat(int precision);

    public abstract double ToDouble();

    /// <summary>The order of two numbers with a direction.</summary>
    public static int Compare(Number a, Number b) => (a, b) switch
    {
        (Exact x, Exact y) => x.Value.CompareTo(y.Value),
        (Infinite, _) or (_, Infinite) => a.ToDouble().CompareTo(b.ToDouble()),
        (Approximate x, Approximate y) => x.Value.CompareTo(y.Value),
        _ => a.ExactValue.CompareTo(b.ExactValue),
    };

    /// <summary>The value as a fraction, without rounding.</summary>
    public abstract Rational ExactValue { get; }
}

/// <summary>A fraction.</summary>
internal sealed class Exact(Rational value) : Number
{
    public Rational Value => value;

    public bool IsInteger => value.IsInteger;

    public override int? Sign => value.Sign;

    public override Rational ExactValue => value;

    public override BigFloat ToFloat(int precision) => BigFloat.Of(value, precision);

    public override double ToDouble() => BigFloat.Of(value).ToDouble();

    protected override string MakeKey() => $"{value.Numerator:X}/{value.Denominator:X}";
}

/// <summary>A floating-point number.</summary>
internal sealed class Approximate(BigFloat value) : Number
{
    public BigFloat Value => value;

    public override int? Sign => value.Sign;

    public override Rational ExactValue => value.Exact;

    public override BigFloat ToFloat(int precision) => value.At(Math.Max(precision, value.Precision));

    public override double ToDouble() => value.ToDouble();

    protected override string MakeKey() => $"{value.Mantissa:X}p{value.Exponent}:{value.Precision}";
}

/// <summary>The ends of the number line, the unsigned infinity of a division by zero, and what is no number at all.</summary>
internal sealed class Infinite : Number
{
    public static readonly Infinite Positive = new("oo", 1);
    public static readonly Infinite Negative = new("-oo", -1);
    public static readonly Infinite Complex = new("zoo", null);
    public static readonly Infinite NotANumber = new("nan", null);

    private Infinite(string name, int? sign) => (Name, Sign) = (name, sign);

    public string Name { get; }

    public override int? Sign { get; }

    public override Rational ExactValue => throw new CalculationException($"{Name} has no exact value.");

    public override BigFloat ToFloat(int precision) => throw new CalculationException($"{Name} has no finite value.");

    public override double ToDouble() => Sign switch
    {
        > 0 => double.PositiveInfinity,
        < 0 => double.NegativeInfinity,
        _ => double.NaN,
    };

    public Number Times(Number other) => other switch
    {
        _ when this == NotANumber || other == NotANumber || other.IsZero => NotANumber,
        _ when this == Complex || other == Complex => Complex,
        _ => Sign == other.Sign ? Positive : Negative,
    };

    protected override string MakeKey() => Name;
}
