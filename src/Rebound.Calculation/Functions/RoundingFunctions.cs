using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Functions;

/// <summary>Rounding, and the larger and smaller of numbers.</summary>
internal static class RoundingFunctions
{
    /// <summary>Decimal places that a number can be rounded to, before or after the point.</summary>
    private const int MostPlaces = 1_000;

    public static readonly IReadOnlyList<(string Name, Function Function)> All =
    [
        ("floor", new(1, 1, arguments => Floor(arguments[0]), values => Math.Floor(values[0].Real))),
        ("ceiling", new(1, 1, arguments => Floor(-arguments[0]) is { } floor ? -floor : null, values => Math.Ceiling(values[0].Real))),
        ("frac",
            new(1, 1, arguments => Floor(arguments[0]) is { } floor ? arguments[0] - floor : null,
                values => values[0].Real - Math.Floor(values[0].Real))),
        ("round", new(1, 2, Round)),
        ("Max",
            new(1, int.MaxValue, arguments => Extreme("Max", arguments, 1),
                values => values.Aggregate((a, b) => Wide.Compare(a, b) >= 0 ? a : b))),
        ("Min",
            new(1, int.MaxValue, arguments => Extreme("Min", arguments, -1),
                values => values.Aggregate((a, b) => Wide.Compare(a, b) <= 0 ? a : b))),
        ("sum",
            new(1, 1,
                arguments =>
                    arguments[0] is ListExpression list ? Sum.Of(list.Parts) : throw new CalculationException("sum takes a list."))),
    ];

    /// <summary>The largest integer that is not above the number; null for what is no number.</summary>
    public static Expression? Floor(Expression argument)
    {
        switch (argument)
        {
            case Infinite:
                return argument;
            case Number number:
                return new Exact(number.ExactValue.Floor);
            default:
                return NumericValue.TryReal(argument) is { Nearest: var value } && Math.Abs(value) < 1e15
                    ? new Exact((BigInteger)Math.Floor(value))
                    : null;
        }
    }

    /// <summary>Rounds half to even. To decimal places it keeps just the precision that the digits need, as sympy does.</summary>
    private static Expression Round(IReadOnlyList<Expression> arguments)
    {
        var value = arguments[0] switch
        {
            Infinite infinite => throw new CalculationException($"{infinite.Name} cannot be rounded."),
            Number number => number.ExactValue,
            var argument when NumericValue.TryReal(argument) is { } real => real.ToFloat(BigFloat.DoubleBits).Exact,
            _ => throw new CalculationException("a symbol cannot be rounded."),
        };
        if (arguments.Count == 1)
        {
            return new Exact(value.RoundHalfEven());
        }

        if (arguments[1] is not Exact { IsInteger: true, Value: var places } || BigInteger.Abs(places.Numerator) > MostPlaces)
        {
            throw new CalculationException($"numbers are rounded to a whole number of places, {MostPlaces} at most.");
        }

        var scale = new Rational(10, 1).Power(places.Numerator);

        // A decimal is moved in its own precision, so that 2.675 is as far from 2.67 as from 2.68.
        var moved = arguments[0] is Approximate approximate ? (approximate.Value * BigFloat.Of(scale)).Exact : value * scale;
        var rounded = moved.RoundHalfEven();
        var result = new Rational(rounded, 1) / scale;
        if (arguments[0] is Exact { IsInteger: true } || (places.Sign <= 0 && arguments[0] is Exact))
        {
            return new Exact(result);
        }

        var digits = BigInteger.Abs(rounded).ToString().Length;
        return new Approximate(BigFloat.Of(result, BigFloat.BitsFor(Math.Max(digits, 1))));
    }

    private static Expression Extreme(string name, IReadOnlyList<Expression> arguments, int direction)
    {
        Expression? extreme = null;
        var open = new List<Expression>();
        foreach (var argument in arguments.Distinct())
        {
            if (argument == Infinite.NotANumber)
            {
                return argument;
            }

            if (NumericValue.TryReal(argument) is not { } value)
            {
                _ = argument.IsNumeric ? throw new CalculationException($"{name} takes real numbers.") : 0;
                open.Add(argument);
            }
            else if (extreme is null || Wide.Compare(value, NumericValue.TryReal(extreme)!.Value) * direction > 0)
            {
                extreme = argument;
            }
        }

        open.Sort(ExpressionOrder.Canonical);
        return (extreme, open) switch
        {
            ({ } value, []) => value,
            (null, [var only]) => only,
            ({ } value, _) => new Call(name, [value, .. open]),
            _ => new Call(name, open),
        };
    }
}
