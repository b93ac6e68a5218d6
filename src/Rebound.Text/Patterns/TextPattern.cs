using Rebound.Text.Loading;
using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>What Split and Replace look for: a literal string or a regular expression.</summary>
internal abstract class TextPattern
{
    /// <summary>Reads <c>{"String": "…"}</c> or <c>{"Regex": "…"}</c>.</summary>
    public static TextPattern Read(JsonFields fields)
    {
        TextPattern pattern = fields.Has("Regex")
            ? new CodePointRegex(fields.String("Regex"))
            : new LiteralPattern(fields.String("String"));
        fields.Finish();
        return pattern;
    }

    /// <summary>Finds the leftmost match that starts at or after <paramref name="from"/>.</summary>
    public abstract bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end);

    /// <summary>
    /// Finds the next match after those found before: a match of nothing does not count right where the one before ended.
    /// </summary>
    /// <param name="from">Where to look on; at first 0.</param>
    /// <param name="lastEnd">Where the match before ended; at first −1.</param>
    public bool TryFindNext(ReadOnlySpan<char> text, ref int from, ref int lastEnd, out int start, out int end)
    {
        while (TryFind(text, from, out start, out end))
        {
            from = end > start ? end : After(text, end);
            if (end > start || end != lastEnd)
            {
                lastEnd = end;
                return true;
            }
        }

        return false;
    }

    /// <summary>One code point further.</summary>
    protected static int After(ReadOnlySpan<char> text, int at)
    {
        var units = 1;
        if (at < text.Length)
        {
            CodePoints.At(text, at, out units);
        }

        return at + units;
    }
}

/// <summary>A literal string; an empty one matches nowhere.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    public string Literal => literal;

    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        var found = literal.Length == 0 || from >= text.Length ? -1 : text[from..].IndexOf(literal, StringComparison.Ordinal);
        start = from + found;
        end = start + literal.Length;
        return found >= 0;
    }
}
