using System.Globalization;

namespace Rebound.Files.Messages;

/// <summary>
/// Excerpts of texts that are too long to show whole. Cuts keep surrogate pairs whole and, where they fit, the characters that people
/// see: a letter keeps its marks, an emoji its parts.
/// </summary>
public static class TextExcerpt
{
    /// <summary>The text, or the beginning of a longer one with an ellipsis.</summary>
    /// <param name="longest">In UTF-16 units, without the ellipsis.</param>
    public static string Beginning(string text, int longest) => text.Length <= longest ? text : $"{First(text, longest)}…";

    /// <summary>The text, or an ellipsis and the end of a longer one.</summary>
    /// <param name="longest">In UTF-16 units, without the ellipsis.</param>
    public static string Ending(string text, int longest) => text.Length <= longest ? text : $"…{Last(text, longest)}";

    /// <summary>As much of a text's beginning as has no more than <paramref name="longest"/> units.</summary>
    public static string First(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        // What is looked at ends where a character that is too long for the room is known to be.
        var seen = text.AsSpan(0, Math.Min(text.Length, (2 * longest) + 1));
        var (end, next) = (0, 0);
        while (next <= longest)
        {
            end = next;
            next += StringInfo.GetNextTextElementLength(seen[next..]);
        }

        return end > 0 ? text[..end] : text[..Whole(text, longest)];
    }

    /// <summary>As much of a text's end as has no more than <paramref name="longest"/> units.</summary>
    public static string Last(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var start = text.Length - longest;
        return text[(Whole(text, start) < start ? start + 1 : start)..];
    }

    /// <summary>The index itself, or the one before where it would part a surrogate pair.</summary>
    private static int Whole(string text, int index) =>
        index > 0 && index < text.Length && char.IsSurrogatePair(text[index - 1], text[index]) ? index - 1 : index;
}
