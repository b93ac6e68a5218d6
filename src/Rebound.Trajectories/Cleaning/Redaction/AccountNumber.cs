using System.Collections.Frozen;
using System.Globalization;

namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>International bank account numbers (ISO 13616): a country's length, and check digits modulo 97 (ISO 7064).</summary>
internal static class AccountNumber
{
    private const string Registered =
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 "
        + "GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 "
        + "MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 "
        + "VG24 XK20";

    private static readonly FrozenDictionary<string, int> Lengths = Registered.Split(' ').ToFrozenDictionary(
        entry => entry[..2], entry => int.Parse(entry.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture), StringComparer.Ordinal);

    public static bool IsOne(string text)
    {
        var number = text.Replace(" ", "", StringComparison.Ordinal);
        return Lengths.TryGetValue(number[..2], out var length) && number.Length == length && Remainder(number[4..] + number[..4]) == 1;
    }

    /// <summary>Of the number whose letters are written as 10 to 35.</summary>
    private static int Remainder(string number)
    {
        var remainder = 0;
        foreach (var c in number)
        {
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + (c - '0')) % 97 : ((remainder * 100) + (c - 'A' + 10)) % 97;
        }

        return remainder;
    }
}
