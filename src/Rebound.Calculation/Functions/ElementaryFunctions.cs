using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Functions;

/// <summary>Roots, exponentials, logarithms, and the parts and size of a number.</summary>
internal static class ElementaryFunctions
{
    public static readonly IReadOnlyList<(string Name, Function Function)> All =
    [
        // The second argument says in sympy whether to evaluate, which simplifying does in any case.
        ("sqrt", new(1, 2, arguments => Power.Of(arguments[0], Number.Half))),
        ("cbrt", new(1, 1, arguments => Power.Of(arguments[0], new Exact(new Rational(1, 3))))),
        ("root", new(2, 2, arguments => Power.Of(arguments[0], Number.One / arguments[1]))),
        ("real_root", new(2, 2, RealRoot)),
        ("pow", new(2, 2, arguments => Power.Of(arguments[0], arguments[1]))),
        ("exp", new(1, 1, arguments => Power.Of(Constant.E, arguments[0]))),
        ("log", new(1, 2, Log, values => values.Length == 1 ? Wide.Log(values[0]) : Wide.Log(values[0]) / Wide.Log(values[1]))),
        ("Abs", new(1, 1, arguments => Abs(arguments[0]), values => Wide.Abs(values[0]))),
        ("sign", new(1, 1, arguments => Sign(arguments[0]), values => values[0] / Wide.Abs(values[0]))),
        ("re", new(1, 1, arguments => Split(arguments[0])?.Real, values => values[0].RealPart)),
        ("im", new(1, 1, arguments => Split(arguments[0])?.Imaginary, values => values[0].ImaginaryPart)),
        ("conjugate", new(1, 1, arguments => Split(arguments[0]) is var (real, imaginary) ? real - (imaginary * Constant.I) : null,
            values => Wide.Conjugate(values[0]))),
        ("arg", new(1, 1, arguments => NumericValue.TrySign(arguments[0]) switch { 1 => Number.Zero, -1 => Constant.Pi, _ => null },
            values => values[0].Phase)),
        ("Rational", new(1, 2, Ratio)),
        ("Integer", new(1, 1, arguments => arguments[0] is Number number and not Infinite
            ? new Exact(number.Sign < 0 ? -(-number.ExactValue).Floor : number.ExactValue.Floor) : throw NotANumber("Integer"))),
        ("Float", new(1, 1, ToFloat)),
        ("N", new(1, 1, ToFloat)),
    ];

    private static Expression RealRoot(IReadOnlyList<Expression> arguments)
    {
        var (radicand, degree) = (arguments[0], arguments[1]);
        return degree is Exact { IsInteger: true } whole && !whole.Value.Numerator.IsEven && radicand is Number { Sign: < 0 } negative
            ? -Power.Of(negative * Number.MinusOne, Number.One / degree)
            : Power.Of(radicand, Number.One / degree);
    }

    private static Expression? Log(IReadOnlyList<Expression> arguments)
    {
        if (arguments.Count == 2)
        {
            return Logarithm.Ratio(arguments[0], arguments[1]) ?? (Logarithm.Of(arguments[0]) / Logarithm.Of(arguments[1]));
        }

        return Logarithm.TryOf(arguments[0]);
    }

    private static Expression? Abs(Expression argument)
    {
        switch (argument)
        {
            case Infinite infinite:
                return infinite == Infinite.NotANumber ? infinite : Infinite.Positive;
            case Number number:
                return number.Sign < 0 ? number * Number.MinusOne : number;
        }

        if (NumericValue.TrySign(argument) is { } sign)
        {
            return sign < 0 ? -argument : argument;
        }

        if (argument.IsNumeric && Split(argument) is var (real, imaginary))
        {
            return Power.Of((real * real) + (imaginary * imaginary), Number.Half);
        }

        // Numbers come out of an absolute value: Abs(-2*x) is 2*Abs(x).
        var (coefficient, rest) = argument.SplitCoefficient();
        return coefficient.IsOne ? null : Abs(coefficient)! * FunctionTable.Apply("Abs", [rest]);
    }

    private static Expression? Sign(Expression argument)
    {
        // A sign comes out of an unknown one: sign(-x) is -sign(x).
        Expression? negative = argument.IsNegated() ? -FunctionTable.Apply("sign", [-argument]) : null;
        return NumericValue.TrySign(argument) is { } sign ? new Exact(sign) : negative;
    }

    /// <summary>Real and imaginary part of a number whose terms are each one or the other.</summary>
    private static (Expression Real, Expression Imaginary)? Split(Expression argument)
    {
        if (!argument.IsNumeric)
        {
            return null;
        }

        var (real, imaginary) = ((Expression)Number.Zero, (Expression)Number.Zero);
        foreach (var term in Sum.TermsOf(argument))
        {
            if (NumericValue.TryReal(term) is not null)
            {
                real += term;
            }
            else if (NumericValue.TryReal(term / Constant.I) is not null)
            {
                imaginary += term / Constant.I;
            }
            else
            {
                return null;
            }
        }

        return (real, imaginary);
    }

    private static Expression? Ratio(IReadOnlyList<Expression> arguments)
    {
        if (arguments.Any(argument => argument is Infinite or not Number))
        {
            throw NotANumber("Rational");
        }

        var numerator = (Expression)new Exact(((Number)arguments[0]).ExactValue);
        return arguments.Count == 1 ? numerator : numerator / new Exact(((Number)arguments[1]).ExactValue);
    }

    private static Expression ToFloat(IReadOnlyList<Expression> arguments) => arguments[0] switch
    {
        Infinite infinite => infinite,
        Number number => new Approximate(number.ToFloat(BigFloat.DoubleBits)),
        var argument when NumericValue.TryReal(argument) is { } value => new Approximate(value.ToFloat(BigFloat.DoubleBits)),
        var argument => argument,
    };

    private static CalculationException NotANumber(string function) => new($"{function} takes numbers.");
}
