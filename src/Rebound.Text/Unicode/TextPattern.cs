using Rebound.Text.Loading;

namespace Rebound.Text.Unicode;

/// <summary>What Split and Replace look for: a literal string or a regular expression.</summary>
internal abstract class TextPattern
{
    /// <summary>Reads <c>{"String": "…"}</c> or <c>{"Regex": "…"}</c>.</summary>
    public static TextPattern Read(JsonFields fields)
    {
        TextPattern pattern = fields.Has("Regex")
            ? throw new TokenizerException($"{fields.Place}: the pattern {fields.String("Regex")} is not supported.")
            : new LiteralPattern(fields.String("String"));
        fields.Finish();
        return pattern;
    }

    /// <summary>Finds the leftmost match that starts at or after <paramref name="from"/>.</summary>
    public abstract bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end);

    /// <summary>Where to look on after a match: one code point further if it was empty.</summary>
    public static int Next(ReadOnlySpan<char> text, int start, int end)
    {
        if (end > start)
        {
            return end;
        }

        var units = 1;
        if (end < text.Length)
        {
            CodePoints.At(text, end, out units);
        }

        return end + units;
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
