using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Rebound.Python;

/// <summary>
/// Python's changes of case: Unicode's single-character mappings, and its expanding ones (ß → SS) outside polytonic Greek.
/// </summary>
/// <remarks>https://www.unicode.org/Public/UCD/latest/ucd/SpecialCasing.txt</remarks>
public static class CaseMapping
{
    /// <summary>Characters whose capital is several: the character, then its upper and its title form.</summary>
    private static readonly FrozenDictionary<int, (string Upper, string Title)> Expanding =
        ("ß SS Ss|ŉ ʼN ʼN|ǰ J̌ J̌|ΐ Ϊ́ Ϊ́|ΰ Ϋ́ Ϋ́|և ԵՒ Եւ|ẖ H̱ H̱|ẗ T̈ T̈|ẘ W̊ W̊|ẙ Y̊ Y̊|ẚ Aʾ Aʾ|"
            + "ﬀ FF Ff|ﬁ FI Fi|ﬂ FL Fl|ﬃ FFI Ffi|ﬄ FFL Ffl|ﬅ ST St|ﬆ ST St|ﬓ ՄՆ Մն|ﬔ ՄԵ Մե|ﬕ ՄԻ Մի|ﬖ ՎՆ Վն|ﬗ ՄԽ Մխ|"
            + "Ǆ Ǆ ǅ|ǅ Ǆ ǅ|ǆ Ǆ ǅ|Ǉ Ǉ ǈ|ǈ Ǉ ǈ|ǉ Ǉ ǈ|Ǌ Ǌ ǋ|ǋ Ǌ ǋ|ǌ Ǌ ǋ|Ǳ Ǳ ǲ|ǲ Ǳ ǲ|ǳ Ǳ ǲ")
        .Split('|')
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(parts => (int)parts[0][0], parts => (parts[1], parts[2]));

    public static string Upper(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToUpperInvariant();
        }

        var upper = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            upper.Append(UpperOf(rune));
        }

        return upper.ToString();
    }

    public static string Lower(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var lower = new StringBuilder(text.Length);
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            lower.Append(LowerAt(text, position, rune));
            position += rune.Utf16SequenceLength;
        }

        return lower.ToString();
    }

    /// <summary><c>casefold</c>: lower case, with the characters that expand brought to one form.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                'ẞ' => folded.Append("ss"),
                'ς' => folded.Append('σ'),
                'ſ' => folded.Append('s'),
                'µ' => folded.Append('μ'),
                _ when Expanding.TryGetValue(rune.Value, out var forms) => folded.Append(forms.Upper.ToLowerInvariant()),
                _ => folded.Append(LowerOf(rune)),
            };
        }

        return folded.ToString();
    }

    public static string Swap(string text)
    {
        var swapped = new StringBuilder(text.Length);
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            swapped.Append(IsUpper(rune) ? LowerAt(text, position, rune) : IsLower(rune) ? UpperOf(rune) : rune.ToString());
            position += rune.Utf16SequenceLength;
        }

        return swapped.ToString();
    }

    /// <summary>The first character in title case, the others in lower case.</summary>
    public static string Capitalize(string text) => Title(text, startsAnew: static _ => false);

    /// <summary>Every run of letters with its first in title case, the others in lower case.</summary>
    public static string Title(string text) => Title(text, startsAnew: static rune => !IsCased(rune));

    public static bool IsUpper(string text) => HasOnly(text, IsUpper, rune => IsLower(rune) || IsTitle(rune));

    public static bool IsLower(string text) => HasOnly(text, IsLower, rune => IsUpper(rune) || IsTitle(rune));

    /// <summary>Whether capitals only begin runs of letters and small letters only follow in them.</summary>
    public static bool IsTitle(string text)
    {
        var (isInWord, hasWord) = (false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var begins = IsUpper(rune) || IsTitle(rune);
            if ((begins && isInWord) || (IsLower(rune) && !isInWord))
            {
                return false;
            }

            isInWord = IsCased(rune);
            hasWord |= isInWord;
        }

        return hasWord;
    }

    private static string Title(string text, Func<Rune, bool> startsAnew)
    {
        var titled = new StringBuilder(text.Length);
        var isStart = true;
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            titled.Append(isStart ? TitleOf(rune) : LowerAt(text, position, rune));
            isStart = startsAnew(rune);
            position += rune.Utf16SequenceLength;
        }

        return titled.ToString();
    }

    private static bool HasOnly(string text, Func<Rune, bool> wanted, Func<Rune, bool> unwanted)
    {
        var hasWanted = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (unwanted(rune))
            {
                return false;
            }

            hasWanted |= wanted(rune);
        }

        return hasWanted;
    }

    private static string UpperOf(Rune rune) =>
        Expanding.TryGetValue(rune.Value, out var forms) ? forms.Upper : Rune.ToUpperInvariant(rune).ToString();

    private static string TitleOf(Rune rune) => Expanding.TryGetValue(rune.Value, out var forms)
        ? forms.Title
        : rune.Value is >= 0x10d0 and <= 0x10ff ? rune.ToString() : Rune.ToUpperInvariant(rune).ToString();

    private static string LowerOf(Rune rune) => rune.Value == 'İ' ? "i̇" : Rune.ToLowerInvariant(rune).ToString();

    /// <summary>A character's lower case at its place: a sigma that ends a word has a form of its own.</summary>
    private static string LowerAt(string text, int position, Rune rune) => rune.Value == 'Σ'
        && EndsWithCased(text[..position].EnumerateRunes().Reverse())
        && !EndsWithCased(text[(position + 1)..].EnumerateRunes())
            ? "ς"
            : LowerOf(rune);

    /// <summary>Whether the first character that is no mark or apostrophe has a case.</summary>
    private static bool EndsWithCased(IEnumerable<Rune> runes)
    {
        foreach (var rune in runes)
        {
            if (!IsIgnoredForCase(rune))
            {
                return IsCased(rune);
            }
        }

        return false;
    }

    private static bool IsIgnoredForCase(Rune rune) => rune.Value is '\'' or '.' or ':' or '·' or '’'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || IsTitle(rune);

    private static bool IsUpper(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter;

    private static bool IsLower(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter
        || rune.Value is 'ª' or 'º';

    private static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;
}
