using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation;

/// <summary>
/// The <c>calculate</c> tool: exact arithmetic with fractions, decimals, powers, roots, functions and symbols. Results have the
/// form that the NAT reference gets from sympy: fractions stay fractions (<c>15/2</c>), other numbers print as
/// <c>%g</c> (<c>0.833333</c>), symbols are simplified (<c>2*x</c>). It evaluates no code, and time, depth and digits are
/// bounded (<see cref="CalculationLimits"/>, <see cref="Work"/>).
/// </summary>
public static class Calculator
{
    /// <summary>The prefix of the result of an expression that cannot be calculated.</summary>
    public const string ErrorPrefix = "Error: ";

    /// <summary>The work budget of a calculation, in steps of <see cref="Work"/>: a second or two.</summary>
    private const long Steps = 12_000_000;

    /// <summary>The result, or a sentence that begins with <see cref="ErrorPrefix"/>.</summary>
    public static string Calculate(string expression)
    {
        try
        {
            // Line ends count as nothing, as in the reference.
            return Work.Bounded(Steps, () => Write(ExpressionParser.Parse(expression.Replace("\n", "").Trim())));
        }
        catch (CalculationException exception)
        {
            return ErrorPrefix + exception.Message;
        }
        catch (OverflowException)
        {
            return $"{ErrorPrefix}the number is too large or too small.";
        }
    }

    private static string Write(Expression value)
    {
        if (!value.IsNumeric)
        {
            value = new Simplifier().Simplify(value);
        }

        return value.IsNumeric ? WriteNumber(value) : value.ToString();
    }

    private static string WriteNumber(Expression value)
    {
        if ((value as Exact ?? ExactValue.TryFind(value)) is { } exact)
        {
            return exact.ToString();
        }

        return value == Infinite.NotANumber ? "nan"
            : NumericValue.TryReal(value) is { } real ? SympyFloat.General(real)
            : throw new CalculationException("the result is no real number.");
    }
}
