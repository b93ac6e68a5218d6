namespace Rebound.Trajectories.Parsing;

/// <summary>
/// A label before an action: <c>action:</c> in any case, with Markdown around it or a number behind it, where a line, a sentence or
/// Markdown begins.
/// </summary>
/// <param name="Index">Where it begins, with what decorates it.</param>
/// <param name="End">Where what it labels begins.</param>
internal readonly record struct ActionLabel(int Index, int End)
{
    private const string Word = "action";
    private const string Blanks = " \t";
    private const string Emphasis = "*_";
    private const string Decoration = " \t>#*_`-";

    /// <summary>The first one from a position on, in time proportional to the text; null for none.</summary>
    public static ActionLabel? Next(string text, int from)
    {
        for (var word = Find(text, from); word >= 0; word = Find(text, word + Word.Length))
        {
            if (BeginOf(text, from, word) is { } begin && EndOf(text, word + Word.Length) is { } end)
            {
                return new ActionLabel(begin, end);
            }
        }

        return null;
    }

    private static int Find(string text, int from) => text.IndexOf(Word, from, StringComparison.OrdinalIgnoreCase);

    /// <summary>The first place among the decoration before the word where a label may begin; null for none.</summary>
    private static int? BeginOf(string text, int from, int word)
    {
        var begin = word;
        while (begin > from && Decoration.Contains(text[begin - 1]))
        {
            begin--;
        }

        while (begin <= word && !IsBeginning(text, begin))
        {
            begin++;
        }

        return begin <= word ? begin : null;
    }

    private static bool IsBeginning(string text, int place) =>
        place == 0
        || text[place - 1] is '\n' or '\r' or '`' or '*' or '#' or '>'
        || (text[place - 1] == ' ' && place > 1 && text[place - 2] is '.' or '!' or '?');

    /// <summary>Behind a number, a colon and the blanks after it; null without a colon.</summary>
    private static int? EndOf(string text, int place)
    {
        place = Behind(text, place, Blanks);
        while (place < text.Length && char.IsDigit(text[place]))
        {
            place++;
        }

        place = Behind(text, Behind(text, place, Emphasis), Blanks);
        return place < text.Length && text[place] is ':' or '：' ? Behind(text, Behind(text, place + 1, Emphasis), Blanks) : null;
    }

    private static int Behind(string text, int place, string skipped) =>
        text.AsSpan(place).IndexOfAnyExcept(skipped) is >= 0 and var count ? place + count : text.Length;
}
