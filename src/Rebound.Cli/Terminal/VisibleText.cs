using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>
/// Text as a terminal may show it: what would steer the terminal, reorder a line or hide in it is a mark instead. Control
/// characters are their pictures (␛ for ESC, ␇ for BEL, ␡ for DEL), others their number (<c>\u009b</c>, <c>\u202e</c>). Line feeds and
/// tabs stay, and so do the joiners that scripts and emoji are written with.
/// </summary>
internal static class VisibleText
{
    private const char Picture = '\u2400';
    private const char DeletePicture = '\u2421';
    private const char Delete = '\u007f';

    /// <summary>The text itself where there is nothing to mark. What is marked once stays as it is.</summary>
    public static string Of(string text) => IsPlain(text) ? text : Marked(text);

    private static bool IsPlain(ReadOnlySpan<char> text)
    {
        foreach (var unit in text)
        {
            if (unit is (< ' ' and not '\n' and not '\t') or >= Delete)
            {
                return IsPlainBeyondAscii(text);
            }
        }

        return true;
    }

    private static bool IsPlainBeyondAscii(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) != System.Buffers.OperationStatus.Done || IsMarked(rune))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private static string Marked(ReadOnlySpan<char> text)
    {
        var marked = new StringBuilder(text.Length + 16);
        while (text.Length > 0)
        {
            var isWhole = Rune.DecodeFromUtf16(text, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (text.StartsWith("\r\n"))
            {
                // A line's end of another system, and no return to the line's beginning.
            }
            else if (!isWhole)
            {
                marked.Append($"\\u{(int)text[0]:x4}");
            }
            else if (IsMarked(rune))
            {
                marked.Append(Mark(rune.Value));
            }
            else
            {
                marked.Append(text[..length]);
            }

            text = text[length..];
        }

        return marked.ToString();
    }

    private static string Mark(int value) => value switch
    {
        < ' ' => $"{(char)(Picture + value)}",
        Delete => $"{DeletePicture}",
        <= char.MaxValue => $"\\u{value:x4}",
        _ => $"\\U{value:x8}",
    };

    /// <summary>
    /// Controls (C0, DEL, C1), direction marks, overrides and isolates, separators of lines and
    /// paragraphs, and what has neither shape nor effect.
    /// </summary>
    private static bool IsMarked(Rune rune) => rune.Value is
        (< ' ' and not '\n' and not '\t') or (>= Delete and <= 0x9f)
        or 0xad or 0x61c or 0x180e or 0x200b or 0x200e or 0x200f or (>= 0x2028 and <= 0x202e) or (>= 0x2060 and <= 0x206f)
        or 0xfeff or (>= 0xfff9 and <= 0xfffb) or (>= 0xe0000 and <= 0xe007f);
}
