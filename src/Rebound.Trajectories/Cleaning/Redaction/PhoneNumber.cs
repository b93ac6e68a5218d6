namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>Tells phone numbers from dates and other groups of digits.</summary>
internal static class PhoneNumber
{
    /// <summary>Most digits of an international number (ITU-T E.164).</summary>
    private const int MostDigits = 15;

    private const int LeastDigits = 8;
    private const int LeastNationalDigits = 9;

    public static bool IsOne(string text) =>
        text.Count(char.IsAsciiDigit) is var digits && digits <= MostDigits
        && digits >= (text[0] == '+' ? LeastDigits : LeastNationalDigits);
}
