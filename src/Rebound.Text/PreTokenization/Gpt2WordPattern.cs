using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>The scanner for <see cref="WordPattern.Gpt2"/>.</summary>
internal sealed class Gpt2WordPattern : WordPattern
{
    public override void Split(SplitText text, Piece piece)
    {
        var span = text[piece];
        for (var start = 0; start < span.Length;)
        {
            var end = WordEnd(span, start);
            text.Add(piece.Start + start, piece.Start + end);
            start = end;
        }
    }

    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var first = CodePoints.ClassAt(text, start, out var units);
        if (first is CharClass.Space or CharClass.Newline)
        {
            var afterSpace = text[start] == ' ' && start + 1 < text.Length
                ? CodePoints.ClassAt(text, start + 1, out units)
                : CharClass.Space;
            return afterSpace is CharClass.Space or CharClass.Newline
                ? SpacesBeforeWord(text, start, SpaceEnd(text, start))
                : RunEnd(text, start + 1 + units, afterSpace);
        }

        return text[start] == '\'' && ContractionEnd(text, start) is > 0 and var contractionEnd
            ? contractionEnd
            : RunEnd(text, start + units, first);
    }

    /// <summary><c>'s|'t|'re|'ve|'m|'ll|'d</c>, or 0.</summary>
    private static int ContractionEnd(ReadOnlySpan<char> text, int apostrophe)
    {
        var rest = text[(apostrophe + 1)..];
        return rest switch
        {
            ['s' or 't' or 'm' or 'd', ..] => apostrophe + 2,
            ['r' or 'v', 'e', ..] or ['l', 'l', ..] => apostrophe + 3,
            _ => 0,
        };
    }
}
