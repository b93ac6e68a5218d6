using System.Globalization;
using System.Numerics;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Numbers out of text, as Python's <c>int(text, base)</c> and <c>float(text)</c> read them.</summary>
internal static class TextNumbers
{
    /// <summary>Most digits of an integer, as in Python.</summary>
    public const int MostDigits = 4300;

    public static bool TryInteger(string text, int radix, out BigInteger number)
    {
        number = 0;
        var digits = TextTrimming.Trim(text, null, atStart: true, atEnd: true);
        var isNegative = digits.StartsWith('-');
        digits = digits.StartsWith('-') || digits.StartsWith('+') ? digits[1..] : digits;
        var prefix = radix switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => "" };
        digits = prefix.Length > 0 && digits.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        if (!TryRemoveUnderscores(ref digits) || radix is < 2 or > 36)
        {
            return false;
        }

        if (digits.Length > MostDigits)
        {
            throw Fault.Limit($"an integer has {digits.Length} digits, more than the limit of {MostDigits}");
        }

        foreach (var unit in digits)
        {
            var digit = char.IsDigit(unit) ? (int)char.GetNumericValue(unit)
                : char.IsAsciiLetter(unit) ? char.ToLowerInvariant(unit) - 'a' + 10
                : radix;
            if (digit >= radix)
            {
                return false;
            }

            number = (number * radix) + digit;
        }

        number = isNegative ? -number : number;
        return true;
    }

    public static bool TryReal(string text, out double number)
    {
        var digits = TextTrimming.Trim(text, null, atStart: true, atEnd: true);
        var unsigned = digits.TrimStart('+', '-').ToLowerInvariant();
        if (digits.Length - unsigned.Length <= 1 && unsigned is "inf" or "infinity" or "nan")
        {
            number = unsigned == "nan" ? double.NaN : digits[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        number = 0;
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return TryRemoveUnderscores(ref digits) && (char.IsAsciiDigit(digits[^1]) || digits[^1] == '.')
            && double.TryParse(digits, styles, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Takes out underscores, which may stand only between digits; false if one does not, or nothing is left.</summary>
    private static bool TryRemoveUnderscores(ref string digits)
    {
        if (digits.Length == 0 || digits[0] == '_' || digits[^1] == '_' || digits.Contains("__", StringComparison.Ordinal))
        {
            return false;
        }

        digits = digits.Replace("_", "", StringComparison.Ordinal);
        return true;
    }
}
