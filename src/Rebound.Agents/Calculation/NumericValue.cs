using System.Numerics;

namespace Rebound.Agents.Calculation;

/// <summary>The value of an expression without symbols, in double precision.</summary>
internal static class NumericValue
{
    /// <summary>An imaginary part below this share of the value is rounding.</summary>
    private const double Rounding = 1e-13;

    /// <exception cref="CalculationException">The expression has a symbol in it, or no finite value.</exception>
    public static Complex Of(Expression expression) => expression switch
    {
        Number number => number.ToDouble(),
        Constant constant => constant == Constant.I ? Complex.ImaginaryOne : constant.Value,
        Sum sum => sum.Parts.Aggregate(Complex.Zero, (total, term) => total + Of(term)),
        Product product => product.Parts.Aggregate(Complex.One, (total, factor) => total * Of(factor)),
        Power power => Raise(Of(power.Base), Of(power.Exponent)),
        Call call when Functions.Find(call.Name) is { Value: { } value } => value([.. call.Parts.Select(Of)]),
        _ => throw new CalculationException($"'{expression}' has no value."),
    };

    /// <summary>The value of a real number; null for a complex one or an expression that is no number.</summary>
    public static double? TryReal(Expression expression)
    {
        if (!expression.IsNumeric)
        {
            return null;
        }

        var value = Of(expression);
        return Math.Abs(value.Imaginary) <= Rounding * Complex.Abs(value) || double.IsInfinity(value.Real) ? value.Real : null;
    }

    private static Complex Raise(Complex @base, Complex exponent)
    {
        if (exponent.Imaginary == 0 && @base.Imaginary == 0 && (@base.Real >= 0 || exponent.Real == Math.Truncate(exponent.Real)))
        {
            return Math.Pow(@base.Real, exponent.Real);
        }

        return @base == Complex.Zero ? Complex.Zero : Complex.Pow(@base, exponent);
    }
}
