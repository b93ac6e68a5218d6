using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace Rebound.Cli.Terminal;

/// <summary>How many columns text takes on a terminal.</summary>
internal static class CellWidth
{
    /// <summary>Columns of a text without line breaks.</summary>
    public static int Of(string text)
    {
        var width = 0;
        foreach (var character in Characters(text))
        {
            width += OfCharacter(character);
        }

        return width;
    }

    /// <summary>Columns of one character: that of its first code point, since those that follow combine with it.</summary>
    public static int OfCharacter(string character) =>
        character.Length == 1 && character[0] < '\u0300' ? 1
        : Rune.TryGetRuneAt(character, 0, out var rune) ? new Segment(rune.ToString()).CellCount()
        : 1;

    /// <summary>As much of a text's beginning as fits into some columns.</summary>
    public static string Cut(string text, int width)
    {
        var (end, column) = (0, 0);
        foreach (var character in Characters(text))
        {
            column += OfCharacter(character);
            if (column > width)
            {
                return text[..end];
            }

            end += character.Length;
        }

        return text;
    }

    /// <summary>The characters of a text as a person sees them.</summary>
    public static IEnumerable<string> Characters(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, start);
            yield return text.Substring(start, length);
            start += length;
        }
    }
}
