using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>The scanner for <see cref="WordPattern.Llama3"/> and <see cref="WordPattern.Qwen2"/>.</summary>
/// <param name="maxDigits">How many number characters a word holds at most.</param>
internal sealed class Llama3WordPattern(int maxDigits) : WordPattern
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

    private int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var first = CodePoints.ClassAt(text, start, out var units);
        var next = start + units;
        switch (first)
        {
            case CharClass.Letter:
                return RunEnd(text, next, CharClass.Letter);
            case CharClass.Number:
                return NumberEnd(text, next);
            case CharClass.Newline:
                return SpaceWordEnd(text, start);
        }

        if (text[start] == '\'' && ContractionEnd(text, start) is > 0 and var contractionEnd)
        {
            return contractionEnd;
        }

        // [^\r\n\p{L}\p{N}]?\p{L}+ with its optional lead, which may be white space.
        var second = next < text.Length ? CodePoints.ClassAt(text, next, out _) : CharClass.Space;
        if (second == CharClass.Letter)
        {
            return RunEnd(text, next, CharClass.Letter);
        }

        if (first == CharClass.Other || (text[start] == ' ' && second == CharClass.Other))
        {
            var end = RunEnd(text, next, CharClass.Other);
            while (end < text.Length && text[end] is '\r' or '\n')
            {
                end++;
            }

            return end;
        }

        return SpaceWordEnd(text, start);
    }

    private int NumberEnd(ReadOnlySpan<char> text, int index)
    {
        for (var digits = 1; digits < maxDigits && index < text.Length; digits++)
        {
            if (CodePoints.ClassAt(text, index, out var units) != CharClass.Number)
            {
                break;
            }

            index += units;
        }

        return index;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>: to the run's last line break if it has one.</summary>
    private static int SpaceWordEnd(ReadOnlySpan<char> text, int start)
    {
        var runEnd = SpaceEnd(text, start);
        var lastBreak = text[start..runEnd].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : SpacesBeforeWord(text, start, runEnd);
    }

    /// <summary>
    /// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>, or 0. Case folding takes the long s (U+017F) for an s; no other character
    /// outside ASCII folds to one of these letters.
    /// </summary>
    private static int ContractionEnd(ReadOnlySpan<char> text, int apostrophe)
    {
        if (apostrophe + 1 >= text.Length)
        {
            return 0;
        }

        var first = (char)(text[apostrophe + 1] | 0x20);
        if (first is 's' or 't' or 'm' or 'd' || text[apostrophe + 1] == '\u017F')
        {
            return apostrophe + 2;
        }

        var second = apostrophe + 2 < text.Length ? (char)(text[apostrophe + 2] | 0x20) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? apostrophe + 3 : 0;
    }
}
