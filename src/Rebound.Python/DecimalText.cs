using System.Globalization;

namespace Rebound.Python;

/// <summary>Decimal digits laid out as Python writes them.</summary>
public static class DecimalText
{
    /// <summary>The digits around their point: <c>125</c> and −1 give <c>0.125</c>, 0 gives <c>1.25</c>, 3 gives <c>1250</c>.</summary>
    /// <param name="exponent">The power of ten of the first digit.</param>
    public static string Positional(string digits, int exponent) => exponent < 0
        ? $"0.{new string('0', -exponent - 1)}{digits}"
        : WithPoint(digits.PadRight(exponent + 1, '0'), exponent + 1);

    /// <summary>The digits with a power of ten: <c>125</c> and 20 give <c>1.25e+20</c>.</summary>
    public static string Scientific(string digits, int exponent) => $"{WithPoint(digits, 1)}e{Exponent(exponent)}";

    /// <summary>The digits with a point after so many, if more follow.</summary>
    public static string WithPoint(string digits, int position) =>
        digits.Length > position ? $"{digits[..position]}.{digits[position..]}" : digits;

    /// <summary>A sign and at least two digits.</summary>
    public static string Exponent(int exponent) =>
        (exponent < 0 ? "-" : "+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
}
