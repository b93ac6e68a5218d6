using System.Globalization;
using static System.Globalization.UnicodeCategory;

namespace Rebound.Text.Patterns;

/// <summary>The general categories by the names that patterns use.</summary>
internal static class GeneralCategory
{
    private static readonly Dictionary<string, UnicodeCategory[]> ByName = new()
    {
        ["Lu"] = [UppercaseLetter],
        ["Ll"] = [LowercaseLetter],
        ["Lt"] = [TitlecaseLetter],
        ["Lm"] = [ModifierLetter],
        ["Lo"] = [OtherLetter],
        ["L"] = [UppercaseLetter, LowercaseLetter, TitlecaseLetter, ModifierLetter, OtherLetter],
        ["Mn"] = [NonSpacingMark],
        ["Mc"] = [SpacingCombiningMark],
        ["Me"] = [EnclosingMark],
        ["M"] = [NonSpacingMark, SpacingCombiningMark, EnclosingMark],
        ["Nd"] = [DecimalDigitNumber],
        ["Nl"] = [LetterNumber],
        ["No"] = [OtherNumber],
        ["N"] = [DecimalDigitNumber, LetterNumber, OtherNumber],
        ["Pc"] = [ConnectorPunctuation],
        ["Pd"] = [DashPunctuation],
        ["Ps"] = [OpenPunctuation],
        ["Pe"] = [ClosePunctuation],
        ["Pi"] = [InitialQuotePunctuation],
        ["Pf"] = [FinalQuotePunctuation],
        ["Po"] = [OtherPunctuation],
        ["P"] =
        [
            ConnectorPunctuation, DashPunctuation, OpenPunctuation, ClosePunctuation, InitialQuotePunctuation,
            FinalQuotePunctuation, OtherPunctuation,
        ],
        ["Sm"] = [MathSymbol],
        ["Sc"] = [CurrencySymbol],
        ["Sk"] = [ModifierSymbol],
        ["So"] = [OtherSymbol],
        ["S"] = [MathSymbol, CurrencySymbol, ModifierSymbol, OtherSymbol],
        ["Zs"] = [SpaceSeparator],
        ["Zl"] = [LineSeparator],
        ["Zp"] = [ParagraphSeparator],
        ["Z"] = [SpaceSeparator, LineSeparator, ParagraphSeparator],
        ["Cc"] = [Control],
        ["Cf"] = [Format],
        ["Co"] = [PrivateUse],
        ["Cn"] = [OtherNotAssigned],
        ["C"] = [Control, Format, Surrogate, PrivateUse, OtherNotAssigned],
    };

    private static readonly Dictionary<string, CodePointSet> Sets =
        ByName.ToDictionary(entry => entry.Key, entry => CodePointSet.Categories(entry.Value));

    /// <summary>The set of a category such as <c>L</c> or <c>Lu</c>, or null.</summary>
    public static CodePointSet? Find(string name) => Sets.GetValueOrDefault(name);
}
