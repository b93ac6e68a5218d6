using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Functions;

/// <summary>Circular and hyperbolic functions and their inverses, exact at the multiples of π/6 and π/4.</summary>
internal static class TrigonometricFunctions
{
    /// <summary>Sines of 0, π/12, … 6π/12 where they are written with one root at most.</summary>
    private static readonly Dictionary<int, Expression> Sines = new()
    {
        [0] = Number.Zero,
        [2] = Number.Half,
        [3] = Power.Of(new Exact(2), Number.Half) / new Exact(2),
        [4] = Power.Of(new Exact(3), Number.Half) / new Exact(2),
        [6] = Number.One,
    };

    public static readonly IReadOnlyList<(string Name, Function Function)> All =
    [
        ("sin", new(1, 1, arguments => Sine(arguments[0]), values => Complex.Sin(values[0]))),
        ("cos", new(1, 1, arguments => Cosine(arguments[0]), values => Complex.Cos(values[0]))),
        ("tan", new(1, 1, arguments => Tangent(arguments[0]), values => Complex.Tan(values[0]))),
        ("cot",
            new(1, 1,
                arguments =>
                    Twelfths(arguments[0]) is null ? null : FunctionTable.Apply("cos", arguments) / FunctionTable.Apply("sin", arguments),
                    values => 1 / Complex.Tan(values[0]))),
        ("sec",
            new(1, 1, arguments => Twelfths(arguments[0]) is null ? null : Number.One / FunctionTable.Apply("cos", arguments),
                values => 1 / Complex.Cos(values[0]))),
        ("csc",
            new(1, 1, arguments => Twelfths(arguments[0]) is null ? null : Number.One / FunctionTable.Apply("sin", arguments),
                values => 1 / Complex.Sin(values[0]))),
        ("asin", new(1, 1, arguments => ArcSine(arguments[0]), values => Complex.Asin(values[0]))),
        ("acos",
            new(1, 1, arguments => ArcSine(arguments[0]) is { } sine ? (Constant.Pi / new Exact(2)) - sine : null,
                values => Complex.Acos(values[0]))),
        ("atan",
            new(1, 1, arguments => ArcTangent(arguments[0]),
                values => values[0].Exponent > 0 ? values[0].Sign * Math.PI / 2 : Complex.Atan(values[0]))),
        ("atan2", new(2, 2, arguments => arguments.All(argument => argument is Number { IsZero: true }) ? Infinite.NotANumber : null,
            values => Math.Atan2(values[0].Real, values[1].Real))),
        ("sinh", new(1, 1, arguments => Odd("sinh", arguments[0], Math.Sinh), values => Sinh(values[0]))),
        ("cosh", new(1, 1, arguments => Even("cosh", arguments[0], Math.Cosh), values => Cosh(values[0]))),
        ("tanh",
            new(1, 1, arguments => Odd("tanh", arguments[0], Math.Tanh),
                values => values[0].Exponent > 0 ? values[0].Sign : Complex.Tanh(values[0]))),
        ("asinh",
            new(1, 1, arguments => Odd("asinh", arguments[0], Math.Asinh),
                values => Wide.Log(values[0] + Wide.Sqrt((values[0] * values[0]) + 1)))),
        ("acosh",
            new(1, 1,
                arguments => arguments[0].IsOne() ? Number.Zero : FunctionTable.Approximated("acosh", arguments[0], x => Math.Acosh(x)),
                values => Wide.Log(values[0] + (Wide.Sqrt(values[0] + 1) * Wide.Sqrt(values[0] - 1))))),
        ("atanh",
            new(1, 1, arguments => Odd("atanh", arguments[0], Math.Atanh), values => Wide.Log((1 + values[0]) / (1 - values[0])) / 2)),
        ("deg", new(1, 1, arguments => arguments[0] * new Exact(180) / Constant.Pi)),
        ("rad", new(1, 1, arguments => arguments[0] * Constant.Pi / new Exact(180))),
    ];

    /// <summary>The argument in twelfths of π; null where it is no whole number of them.</summary>
    private static BigInteger? Twelfths(Expression argument)
    {
        var turns = (argument * new Exact(12)) / Constant.Pi;
        return turns is Exact { IsInteger: true, Value: var twelfths } ? twelfths.Numerator : null;
    }

    private static Expression? Sine(Expression argument) =>
        Twelfths(argument) is { } twelfths ? SineOf(twelfths) : Odd("sin", argument, Math.Sin);

    private static Expression? Cosine(Expression argument) =>
        Twelfths(argument) is { } twelfths ? SineOf(twelfths + 6) : Even("cos", argument, Math.Cos);

    private static Expression? Tangent(Expression argument) => Twelfths(argument) is { } twelfths
        ? SineOf(twelfths) is { } sine && SineOf(twelfths + 6) is { } cosine ? sine / cosine : null
        : Odd("tan", argument, Math.Tan);

    private static Expression? SineOf(BigInteger twelfths)
    {
        var turn = (int)(((twelfths % 24) + 24) % 24);
        var half = turn % 12;
        return Sines.GetValueOrDefault(Math.Min(half, 12 - half)) is { } sine ? turn < 12 ? sine : -sine : null;
    }

    private static Wide Sinh(Wide value) => value.Exponent == 0 && Complex.Sinh(value.Value) is var sine && Complex.IsFinite(sine)
        ? sine
        : (Wide.Exp(value) - Wide.Exp(-value)) / 2;

    private static Wide Cosh(Wide value) => value.Exponent == 0 && Complex.Cosh(value.Value) is var cosine && Complex.IsFinite(cosine)
        ? cosine
        : (Wide.Exp(value) + Wide.Exp(-value)) / 2;

    private static Expression? ArcSine(Expression argument)
    {
        foreach (var (twelfths, sine) in Sines)
        {
            if (argument.Equals(sine) || argument.Equals(-sine))
            {
                var angle = Constant.Pi * new Exact(new Rational(twelfths, 12));
                return argument.Equals(sine) ? angle : -angle;
            }
        }

        return FunctionTable.Approximated("asin", argument, x => Math.Asin(x));
    }

    private static Expression? ArcTangent(Expression argument) => argument switch
    {
        Infinite { Sign: { } sign } => Constant.Pi * new Exact(new Rational(sign, 2)),
        Number { IsOne: true } or Number { IsMinusOne: true } => Constant.Pi * argument / new Exact(4),
        _ => Odd("atan", argument, Math.Atan),
    };

    private static Expression? Odd(string name, Expression argument, Func<double, double> value) =>
        argument is Exact { IsZero: true } ? argument
        : FunctionTable.Approximated(name, argument, x => value(x))
            ?? (Signs.CanExtractMinus(argument) ? -FunctionTable.Apply(name, [-argument]) : null);

    private static Expression? Even(string name, Expression argument, Func<double, double> value) =>
        argument is Exact { IsZero: true } ? Number.One
        : FunctionTable.Approximated(name, argument, x => value(x))
            ?? (Signs.CanExtractMinus(argument) ? FunctionTable.Apply(name, [-argument]) : null);
}
