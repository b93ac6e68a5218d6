using System.Globalization;
using System.Numerics;

namespace Rebound.Python;

/// <summary>Python's text of floats: the shortest that reads back, and exactly rounded fixed and exponent forms.</summary>
public static class PythonFloat
{
    /// <summary><c>repr(number)</c>.</summary>
    public static string Of(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        var (digits, exponent) = Shortest(Math.Abs(number));
        var sign = double.IsNegative(number) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            return sign + DecimalText.Scientific(digits, exponent);
        }

        var text = DecimalText.Positional(digits, exponent);
        return sign + (text.Contains('.') ? text : text + ".0");
    }

    /// <summary><c>'%.nf' % number</c> for a finite number: the exact binary value rounded half to even.</summary>
    public static string Fixed(double number, int decimals)
    {
        var digits = Scaled(Math.Abs(number), decimals).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var sign = double.IsNegative(number) ? "-" : "";
        return decimals == 0 ? sign + digits : $"{sign}{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>The digits and decimal exponent of a finite non-negative number rounded to so many significant digits.</summary>
    public static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
        {
            return (new string('0', count), 0);
        }

        var exponent = Shortest(number).Exponent;
        var digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        return digits.Length > count ? (digits[..count], exponent + 1) : (digits, exponent);
    }

    /// <summary>|number| · 10^decimals as an integer, rounded half to even from the exact binary value.</summary>
    private static BigInteger Scaled(double number, int decimals)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var power = (int)((bits >> 52) & 0x7ff);
        BigInteger numerator = bits & 0xfffffffffffffL;
        numerator += power == 0 ? 0 : 1L << 52;
        power = Math.Max(power, 1) - 1075;
        var denominator = BigInteger.One;
        if (power >= 0)
        {
            numerator <<= power;
        }
        else
        {
            denominator <<= -power;
        }

        if (decimals >= 0)
        {
            numerator *= BigInteger.Pow(10, decimals);
        }
        else
        {
            denominator *= BigInteger.Pow(10, -decimals);
        }

        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var twice = (remainder * 2).CompareTo(denominator);
        return twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (string Digits, int Exponent) Shortest(double number)
    {
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var mantissaEnd = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mantissaEnd < 0 ? shortest : shortest[..mantissaEnd];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        if (digits.Length == 0)
        {
            return ("0", 0);
        }

        if (mantissaEnd >= 0)
        {
            return (digits, int.Parse(shortest.AsSpan(mantissaEnd + 1), CultureInfo.InvariantCulture));
        }

        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = (point < 0 ? mantissa : mantissa[..point]).TrimStart('0');
        if (whole.Length > 0)
        {
            return (digits, whole.Length - 1);
        }

        var leadingZeros = mantissa.AsSpan(point + 1).IndexOfAnyExcept('0');
        return (digits, -leadingZeros - 1);
    }
}
