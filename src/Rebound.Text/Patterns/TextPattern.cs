using Rebound.Text.Loading;
using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>A search through one text, from one match to the next.</summary>
internal struct PatternSearch
{
    public PatternSearch()
    {
    }

    /// <summary>Where to look on.</summary>
    public int From { get; set; }

    /// <summary>Where the match before ended; −1 before the first.</summary>
    public int LastEnd { get; set; } = -1;

    /// <summary>The regular expression's memory for the text.</summary>
    public PatternMatcher? Matcher { get; set; }
}

/// <summary>The pattern of Split and Replace: a literal string or a regular expression.</summary>
internal abstract class TextPattern
{
    /// <summary>Reads <c>{"String": "…"}</c> or <c>{"Regex": "…"}</c>; the empty string matches between all characters.</summary>
    public static TextPattern Read(JsonFields fields)
    {
        TextPattern pattern = fields.Has("Regex") ? new CodePointRegex(fields.String("Regex"))
            : fields.String("String") is { Length: > 0 } literal ? new LiteralPattern(literal)
            : new CodePointRegex("");
        fields.Finish();
        return pattern;
    }

    /// <summary>Finds the leftmost match that starts where the search is, or after it.</summary>
    public abstract bool TryFind(ReadOnlySpan<char> text, ref PatternSearch search, out int start, out int end);

    /// <summary>
    /// Finds the next match after those found before: a match of nothing counts neither right where the one before ended nor
    /// in an empty text.
    /// </summary>
    public bool TryFindNext(ReadOnlySpan<char> text, ref PatternSearch search, out int start, out int end)
    {
        (start, end) = (0, 0);
        while (!text.IsEmpty && TryFind(text, ref search, out start, out end))
        {
            search.From = end > start ? end : After(text, end);
            if (end > start || end != search.LastEnd)
            {
                search.LastEnd = end;
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

/// <summary>A literal string, not empty.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    public string Literal => literal;

    public override bool TryFind(ReadOnlySpan<char> text, ref PatternSearch search, out int start, out int end)
    {
        var from = search.From;
        var found = from >= text.Length ? -1 : text[from..].IndexOf(literal, StringComparison.Ordinal);
        start = from + found;
        end = start + literal.Length;
        return found >= 0;
    }
}
