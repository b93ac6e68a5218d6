namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>The kinds of personal data and secrets that are known without the user's help.</summary>
public static class KnownPersonalData
{
    private const string Separated = "[ .-]";

    /// <summary>Addresses of electronic mail.</summary>
    public static readonly PersonalData Email = new(
        "email", _ => true, @"[\p{L}\p{N}._%+-]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}");

    /// <summary>
    /// Phone numbers that their form tells from other numbers: with a country's code, or in the groups of North America, or with a leading
    /// zero and groups. Digits without any separator are a number like any other.
    /// </summary>
    public static readonly PersonalData Phone = new(
        "phone", PhoneNumber.IsOne,
        @"\+[0-9]{1,3}(?:[ ./-]?\(?[0-9]{1,4}\)?){2,6}",
        $@"(?:1{Separated})?(?:\([2-9][0-9]{{2}}\) ?|[2-9][0-9]{{2}}{Separated})[2-9][0-9]{{2}}{Separated}[0-9]{{4}}",
        @"\(?0[0-9]{2,5}\)?[ /-][0-9]{2,4}(?:[ -]?[0-9]{2,4}){1,3}",
        $@"0[1-9](?:{Separated}[0-9]{{2}}){{4}}");

    /// <summary>
    /// Keys of services by the forms that these give them, private keys, tokens of sessions, and values that are called a key, a token or a
    /// password and look like one.
    /// </summary>
    public static readonly PersonalData Key = new(
        "key", HasLetterAndDigit,
        @"sk-[A-Za-z0-9_-]{20,}",
        @"(?:AKIA|ASIA)[0-9A-Z]{16}",
        @"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}",
        @"glpat-[A-Za-z0-9_-]{20,}",
        @"xox[abeprs]-[A-Za-z0-9-]{10,}",
        @"AIza[0-9A-Za-z_-]{35}",
        @"hf_[A-Za-z0-9]{30,}",
        @"npm_[A-Za-z0-9]{36}",
        @"(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,}",
        @"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        @"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        @"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----",
        @"(?:[Bb]earer|[Bb]asic) +(?<value>[A-Za-z0-9._~+/-]{16,}=*)",
        """(?i:api[_-]?key|secret|token|password|passwd)\\?["']?[ \t]*[:=][ \t]*\\?["']?(?<value>[A-Za-z0-9._~+/!@#$%^&*-]{8,}=*)""");

    /// <summary>Numbers of payment cards, by their issuers' first digits, their length and their check digit.</summary>
    public static readonly PersonalData Card = new("card", CardNumber.IsOne, "[0-9](?:[ -]?[0-9]){12,18}");

    /// <summary>International numbers of bank accounts, by their country's length and their check digits.</summary>
    public static readonly PersonalData Iban = new("iban", AccountNumber.IsOne, "[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{1,4}){3,8}");

    /// <summary>All of them; where two overlap the first counts.</summary>
    public static readonly IReadOnlyList<PersonalData> All = [Key, Email, Card, Iban, Phone];

    private static bool HasLetterAndDigit(string value) => value.Any(char.IsAsciiLetter) && value.Any(char.IsAsciiDigit);
}
