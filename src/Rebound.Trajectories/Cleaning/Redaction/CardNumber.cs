using System.Globalization;

namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>Numbers of payment cards (ISO/IEC 7812): the issuer's range with its lengths, and Luhn's check digit.</summary>
internal static class CardNumber
{
    /// <summary>First and last of the first four digits, and the lengths, of each issuer.</summary>
    private static readonly (int First, int Last, int[] Lengths)[] Issuers =
    [
        (4000, 4999, [13, 16, 19]), // Visa
        (5100, 5599, [16]), // Mastercard
        (2221, 2720, [16]), // Mastercard
        (3400, 3499, [15]), // American Express
        (3700, 3799, [15]), // American Express
        (3000, 3059, [14]), // Diners Club
        (3600, 3699, [14]), // Diners Club
        (3800, 3999, [14]), // Diners Club
        (3528, 3589, [16]), // JCB
        (6011, 6011, [16, 19]), // Discover
        (6440, 6599, [16, 19]), // Discover
        (6200, 6299, [16, 17, 18, 19]), // UnionPay
    ];

    public static bool IsOne(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        var prefix = int.Parse(digits.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);
        return Issuers.Any(issuer => prefix >= issuer.First && prefix <= issuer.Last && issuer.Lengths.Contains(digits.Length))
            && HasCheckDigit(digits);
    }

    /// <summary>Every second digit from the right counts double, less nine if that is above nine; the sum is a multiple of ten.</summary>
    private static bool HasCheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var counted = i % 2 == 0 ? digit : 2 * digit;
            sum += counted > 9 ? counted - 9 : counted;
        }

        return sum % 10 == 0;
    }
}
