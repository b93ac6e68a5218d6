using System.Globalization;
using System.Numerics;
using System.Text;

namespace Rebound.Text.Templates.Values;

/// <summary>Python's <c>str</c>: <c>str(value)</c>, and text measured and cut in code points rather than UTF-16 units.</summary>
internal static class PythonText
{
    private static readonly string[] AsciiCharacters =
        [.. Enumerable.Range(0, 128).Select(unit => ((char)unit).ToString())];

    /// <summary><c>str(value)</c>: what printing the value writes.</summary>
    public static string Of(object? value) => value switch
    {
        string text => text,
        null => "None",
        bool truth => truth ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => FloatText.Of(number),
        BigInteger number => Digits(number),
        Markup markup => markup.Text,
        Undefined => "",
        _ => Repr.Of(value),
    };

    private static string Digits(BigInteger number)
    {
        RenderState.Current?.SpendSearch(number.GetBitLength() / 16, number.GetBitLength());
        return number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether every UTF-16 unit is one code point, so that positions can be used as they are.</summary>
    public static bool IsPlain(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0;

    /// <summary><c>len(text)</c>: code points.</summary>
    public static int Length(string text)
    {
        if (IsPlain(text))
        {
            return text.Length;
        }

        var count = 0;
        for (var position = 0; position < text.Length; position += WidthAt(text, position))
        {
            count++;
        }

        return count;
    }

    /// <summary>The position in UTF-16 units of a code point.</summary>
    public static int UnitOffset(string text, int codePoint)
    {
        if (IsPlain(text))
        {
            return codePoint;
        }

        var position = 0;
        for (var count = 0; count < codePoint; count++)
        {
            position += WidthAt(text, position);
        }

        return position;
    }

    /// <summary>The one-character texts that iterating over the text gives.</summary>
    public static object?[] Characters(string text)
    {
        RenderState.Current?.ReserveElements(text.Length);
        var characters = new List<object?>(text.Length);
        for (var position = 0; position < text.Length;)
        {
            var width = WidthAt(text, position);
            characters.Add(width == 1 ? Character(text[position]) : text.Substring(position, width));
            position += width;
        }

        return [.. characters];
    }

    /// <summary>The character at an index, which may count from the end; null when out of range.</summary>
    public static string? CharacterAt(string text, long index)
    {
        var length = Length(text);
        index = index < 0 ? index + length : index;
        if (index < 0 || index >= length)
        {
            return null;
        }

        var position = UnitOffset(text, (int)index);
        var width = WidthAt(text, position);
        return width == 1 ? Character(text[position]) : text.Substring(position, width);
    }

    /// <summary><c>text[start:stop:step]</c>.</summary>
    public static string Cut(string text, Slice slice)
    {
        if (slice.Step == 1)
        {
            var first = UnitOffset(text, slice.First);
            return text[first..UnitOffset(text, slice.First + slice.Count)];
        }

        var characters = Characters(text);
        var cut = new StringBuilder(slice.Count);
        foreach (var character in slice.Pick(characters))
        {
            cut.Append((string)character!);
        }

        return cut.ToString();
    }

    /// <summary>Whether Python counts the character as white space in <c>strip</c>, <c>split</c> and the lexer's <c>\s</c>.</summary>
    public static bool IsSpace(char unit) => char.IsWhiteSpace(unit) || unit is >= '\u001c' and <= '\u001f';

    private static string Character(char unit) => unit < 128 ? AsciiCharacters[unit] : unit.ToString();

    private static int WidthAt(string text, int position) =>
        char.IsHighSurrogate(text[position]) && position + 1 < text.Length && char.IsLowSurrogate(text[position + 1]) ? 2 : 1;
}
