using System.Globalization;
using System.Numerics;
using System.Text;
using Rebound.Python;

namespace Rebound.Jinja.Values;

/// <summary>Python's <c>str</c>: <c>str(value)</c>, and text cut by code points.</summary>
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
        double number => PythonFloat.Of(number),
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

    /// <summary>The one-character texts that iterating over the text gives.</summary>
    public static object?[] Characters(string text)
    {
        RenderState.Current?.ReserveElements(text.Length);
        var characters = new List<object?>(text.Length);
        for (var position = 0; position < text.Length;)
        {
            var width = PythonString.WidthAt(text, position);
            characters.Add(width == 1 ? Character(text[position]) : text.Substring(position, width));
            position += width;
        }

        return [.. characters];
    }

    /// <summary>The character at an index, which may count from the end; null when out of range.</summary>
    public static string? CharacterAt(string text, long index)
    {
        var length = PythonString.Length(text);
        index = index < 0 ? index + length : index;
        if (index < 0 || index >= length)
        {
            return null;
        }

        var position = PythonString.UnitOffset(text, (int)index);
        var width = PythonString.WidthAt(text, position);
        return width == 1 ? Character(text[position]) : text.Substring(position, width);
    }

    /// <summary><c>text[start:stop:step]</c>.</summary>
    public static string Cut(string text, Slice slice)
    {
        if (slice.Step == 1)
        {
            var first = PythonString.UnitOffset(text, slice.First);
            return text[first..PythonString.UnitOffset(text, slice.First + slice.Count)];
        }

        var characters = Characters(text);
        var cut = new StringBuilder(slice.Count);
        foreach (var character in slice.Pick(characters))
        {
            cut.Append((string)character!);
        }

        return cut.ToString();
    }

    private static string Character(char unit) => unit < 128 ? AsciiCharacters[unit] : unit.ToString();
}
