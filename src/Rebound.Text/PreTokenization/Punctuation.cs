using System.Globalization;
using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>
/// The characters that the Punctuation pre-tokenizer splits at: ASCII's punctuation and symbols, and category P of Unicode 8, whose
/// tables the tokenizers library uses here.
/// </summary>
internal static class Punctuation
{
    /// <summary>Ranges whose punctuation became so after Unicode 8.</summary>
    private static readonly (int First, int Last)[] Younger =
    [
        (0x61D, 0x61D), (0x9FD, 0xA76), (0xC77, 0xC84), (0x1B4E, 0x1B4F), (0x1B7D, 0x1B7F), (0x2E43, 0x2E5D),
        (0x10D6E, 0x10F89), (0x113D4, 0x1145D), (0x11660, 0x116B9), (0x1183B, 0x11FFF), (0x12FF1, 0x12FF2),
        (0x16D6D, 0x16FE2), (0x1E5FF, 0x1E95F),
    ];

    public static bool Contains(int codePoint)
    {
        if (codePoint < 0x80)
        {
            return char.IsPunctuation((char)codePoint) || char.IsSymbol((char)codePoint);
        }

        if (codePoint is 0x166D or 0x111C9)
        {
            return true; // Other categories since.
        }

        return CodePoints.Category(codePoint) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation
            && !Array.Exists(Younger, range => codePoint >= range.First && codePoint <= range.Last);
    }
}
