namespace Rebound.Python;

/// <summary>
/// Python's <c>str</c>: text measured in code points rather than UTF-16 units. A lone surrogate is a code point of its own.
/// </summary>
public static class PythonString
{
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

    /// <summary>UTF-16 units of the code point that begins at a position: 1 or 2.</summary>
    public static int WidthAt(string text, int position) =>
        char.IsHighSurrogate(text[position]) && position + 1 < text.Length && char.IsLowSurrogate(text[position + 1]) ? 2 : 1;

    /// <summary>Whether Python counts the character as white space in <c>strip</c>, <c>split</c> and <c>\s</c>.</summary>
    public static bool IsSpace(char unit) => char.IsWhiteSpace(unit) || unit is >= '\u001c' and <= '\u001f';
}
