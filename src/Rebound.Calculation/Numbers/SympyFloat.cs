using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Python;

namespace Rebound.Calculation.Numbers;

/// <summary>Floating-point numbers as text: Python's <c>%g</c> for results, sympy's form inside expressions.</summary>
internal static class SympyFloat
{
    private const int GeneralDigits = 6;

    /// <summary>Python's <c>'{:g}'.format(value)</c> of a real number.</summary>
    public static string General(Wide value)
    {
        var real = value.Value.Real;
        if (!double.IsFinite(real))
        {
            return double.IsNaN(real) ? "nan" : real > 0 ? "inf" : "-inf";
        }

        var (digits, power) = value.ToFloat(BigFloat.DoubleBits).ToDecimal(GeneralDigits);
        var sign = double.IsNegative(real) ? "-" : "";
        digits = digits.TrimEnd('0');
        digits = digits.Length == 0 ? "0" : digits;
        return sign + (power is < -4 or >= GeneralDigits
            ? DecimalText.Scientific(digits, power)
            : DecimalText.Positional(digits, power));
    }

    /// <summary>The decimal that the number is written as.</summary>
    public static Rational Decimal(BigFloat value)
    {
        var (digits, power) = value.ToDecimal(DigitsOf(value));
        return new Rational(BigInteger.Parse(digits) * (value.Sign < 0 ? -1 : 1), 1) * new Rational(10, 1).Power(power - digits.Length + 1);
    }

    /// <summary>A number inside an expression: every digit of its precision, and always a point.</summary>
    public static string Of(BigFloat value)
    {
        var precision = DigitsOf(value);
        var (digits, power) = value.ToDecimal(precision);
        var sign = value.Sign < 0 ? "-" : "";
        digits = digits.TrimEnd('0') is { Length: > 0 } kept ? kept : "0";
        if (power > Math.Min(-(precision / 3), -5) && power < precision)
        {
            var text = DecimalText.Positional(digits, power);
            return sign + (text.Contains('.') ? text : text + ".0");
        }

        return $"{sign}{(digits.Length > 1 ? DecimalText.WithPoint(digits, 1) : digits + ".0")}e{(power < 0 ? '-' : '+')}{Math.Abs(power)}";
    }

    private static int DigitsOf(BigFloat value) => Math.Max(1, (int)Math.Round((value.Precision / 3.3219280948873626) - 1));
}
