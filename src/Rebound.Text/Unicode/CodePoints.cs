using System.Globalization;
using System.Runtime.CompilerServices;

namespace Rebound.Text.Unicode;

/// <summary>Character classes of byte-level split patterns.</summary>
internal enum CharClass : byte
{
    /// <summary>Anything else: punctuation, symbols, marks, controls, unassigned.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c> other than line breaks.</summary>
    Space,

    /// <summary>Carriage return or line feed.</summary>
    Newline,

    /// <summary>Half of a code point beyond the Basic Multilingual Plane: ask for the whole one.</summary>
    Surrogate,
}

/// <summary>Code points of UTF-16 text and their classes, by the runtime's Unicode tables.</summary>
internal static class CodePoints
{
    private static readonly CharClass[] BasicPlane = BuildBasicPlane();

    /// <summary>The class of one UTF-16 unit; <see cref="CharClass.Surrogate"/> for halves of a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharClass UnitClass(char unit) => BasicPlane[unit];

    /// <summary>The class of the code point at <paramref name="index"/>, and how many units it takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharClass ClassAt(ReadOnlySpan<char> text, int index, out int units)
    {
        var unitClass = BasicPlane[text[index]];
        units = 1;
        return unitClass != CharClass.Surrogate ? unitClass : ClassOfPair(text, index, out units);
    }

    /// <summary>The code point at <paramref name="index"/> of well-formed text, and how many units it takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(ReadOnlySpan<char> text, int index, out int units)
    {
        var unit = text[index];
        if (char.IsHighSurrogate(unit) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            units = 2;
            return char.ConvertToUtf32(unit, text[index + 1]);
        }

        units = 1;
        return unit;
    }

    /// <summary>The code point that ends before <paramref name="index"/>.</summary>
    public static int Before(ReadOnlySpan<char> text, int index)
    {
        var unit = text[index - 1];
        return char.IsLowSurrogate(unit) && index >= 2 && char.IsHighSurrogate(text[index - 2])
            ? char.ConvertToUtf32(text[index - 2], unit)
            : unit;
    }

    public static UnicodeCategory Category(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);

    /// <summary>The property White_Space.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint);

    /// <summary><c>\p{L}</c>.</summary>
    public static bool IsLetter(int codePoint) => Category(codePoint) <= UnicodeCategory.OtherLetter;

    /// <summary>
    /// <c>\p{N}</c>, and the numbers that Unicode 17 added, which the tokenizers library knows where it asks for
    /// numeric characters outside of a pattern.
    /// </summary>
    public static bool IsNumeric(int codePoint) =>
        Category(codePoint) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        || codePoint is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6);

    /// <summary><c>\w</c> of Unicode Technical Standard 18: alphabetic, marks, decimal digits, connectors, joiners.</summary>
    public static bool IsWord(int codePoint) => Category(codePoint) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.Format => codePoint is 0x200C or 0x200D,
        UnicodeCategory.OtherSymbol => codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => false,
    };

    /// <summary>
    /// <paramref name="text"/> with every lone surrogate replaced by U+FFFD; the same instance when there is none.
    /// </summary>
    public static ReadOnlySpan<char> WellFormed(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        char[]? repaired = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            At(text, i, out var units);
            if (units == 1)
            {
                repaired ??= text.ToArray();
                repaired[i] = '\uFFFD';
            }

            i += units - 1;
        }

        return repaired ?? text;
    }

    private static CharClass ClassOfPair(ReadOnlySpan<char> text, int index, out int units) => ClassOf(At(text, index, out units));

    private static CharClass ClassOf(int codePoint) => codePoint is '\r' or '\n'
        ? CharClass.Newline
        : IsWhiteSpace(codePoint)
            ? CharClass.Space
            : Category(codePoint) switch
            {
                <= UnicodeCategory.OtherLetter => CharClass.Letter,
                UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
                _ => CharClass.Other,
            };

    private static CharClass[] BuildBasicPlane()
    {
        var classes = new CharClass[char.MaxValue + 1];
        for (var c = 0; c < classes.Length; c++)
        {
            classes[c] = char.IsSurrogate((char)c) ? CharClass.Surrogate : ClassOf(c);
        }

        return classes;
    }
}
