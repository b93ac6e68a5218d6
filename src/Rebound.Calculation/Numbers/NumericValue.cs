using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Functions;

namespace Rebound.Calculation.Numbers;

/// <summary>The value of an expression without symbols, in double precision.</summary>
internal static class NumericValue
{
    /// <summary>An imaginary part below this share of the value is rounding.</summary>
    private const double Rounding = 1e-13;

    /// <exception cref="CalculationException">The expression has a symbol in it, or no finite value.</exception>
    public static Wide Of(Expression expression)
    {
        Work.Spend(1);
        return expression switch
        {
            Infinite infinite => infinite.ToDouble(),
            Number number => Wide.Of(number.ToFloat(BigFloat.DoubleBits)),
            Constant constant => constant == Constant.I ? Complex.ImaginaryOne : constant.Value,
            Sum sum => sum.Parts.Aggregate((Wide)Complex.Zero, (total, term) => total + Of(term)),
            Product product => product.Parts.Aggregate((Wide)Complex.One, (total, factor) => total * Of(factor)),
            Power power => Wide.Pow(Of(power.Base), Of(power.Exponent)),
            Call
            {
                Name: "sin" or "cos" or "tan" or "cot" or "sec" or "csc",
                Parts: [Exact { Value: var angle }]
            } call when AngleReduction.IsLarge(angle) =>
                FunctionTable.Find(call.Name)!.Value!([AngleReduction.WithinTurn(angle)]),
            Call call when FunctionTable.Find(call.Name) is { Value: { } value } => value([.. call.Parts.Select(Of)]),
            _ => throw new CalculationException($"'{expression}' has no value."),
        };
    }

    /// <summary>The value of a real number; null for a complex one or an expression that is no number.</summary>
    public static Wide? TryReal(Expression expression)
    {
        if (!expression.IsNumeric)
        {
            return null;
        }

        var value = Of(expression);
        return Math.Abs(value.Value.Imaginary) <= Rounding * Complex.Abs(value.Value) || double.IsInfinity(value.Value.Real) ? value : null;
    }

    /// <summary>−1, 0 or 1 for a real number; null for what is none.</summary>
    public static int? TrySign(Expression expression) => TryReal(expression) is { IsNaN: false } value ? value.Sign : null;
}
