using System.Globalization;
using System.Numerics;

namespace Rebound.Grammar.Texts;

/// <summary>A number as JSON writes it, exactly: digits × 10^exponent.</summary>
/// <param name="Digits">Not divisible by ten, unless it is 0.</param>
internal readonly record struct ExactDecimal(BigInteger Digits, int Exponent)
{
    private const int MostExponent = 100;

    public static ExactDecimal Zero => default;

    public int Sign => Digits.Sign;

    public bool IsInteger => Exponent >= 0;

    /// <summary>The digits before the point of a number that is not negative; "0" where there are none.</summary>
    public string Whole => BigInteger.Divide(Digits * Power(Math.Max(Exponent, 0)), Power(Math.Max(-Exponent, 0)))
        .ToString(CultureInfo.InvariantCulture);

    /// <summary>The digits behind the point of a number that is not negative, without zeros at the end.</summary>
    public string Fraction => IsInteger ? "" : BigInteger.Remainder(Digits, Power(-Exponent))
        .ToString(CultureInfo.InvariantCulture).PadLeft(-Exponent, '0');

    public static bool TryParse(string text, out ExactDecimal value)
    {
        value = default;
        var parts = text.Split(['e', 'E']);
        var exponent = 0;
        if (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : parts[0].Length - point - 1;
        var plain = parts[0].Replace(".", "", StringComparison.Ordinal);
        if (Math.Abs((long)exponent) > MostExponent || plain.Length > MostExponent
            || !BigInteger.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digits))
        {
            return false;
        }

        while (!digits.IsZero && digits % 10 == 0)
        {
            (digits, exponent) = (digits / 10, exponent + 1);
        }

        value = new ExactDecimal(digits, digits.IsZero ? 0 : exponent);
        return true;
    }

    public static ExactDecimal operator -(ExactDecimal value) => value with { Digits = -value.Digits };

    /// <summary>Below 0 where it is less than the other one.</summary>
    public int Order(ExactDecimal other)
    {
        var shared = Math.Min(Exponent, other.Exponent);
        return (Digits * Power(Exponent - shared)).CompareTo(other.Digits * Power(other.Exponent - shared));
    }

    private static BigInteger Power(int exponent) => BigInteger.Pow(10, exponent);
}
