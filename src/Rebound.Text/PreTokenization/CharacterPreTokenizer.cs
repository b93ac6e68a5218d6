using System.Text;
using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>Splits at single code points: Digits, Punctuation, WhitespaceSplit and CharDelimiterSplit.</summary>
internal sealed class CharacterPreTokenizer(Func<int, bool> isDelimiter, SplitBehavior behavior) : PreTokenizer
{
    public static CharacterPreTokenizer Of(string delimiter, SplitBehavior behavior)
    {
        var wanted = Rune.GetRuneAt(delimiter, 0).Value;
        return new CharacterPreTokenizer(codePoint => codePoint == wanted, behavior);
    }

    public override void Apply(SplitText text)
    {
        foreach (var piece in text.Pieces)
        {
            var span = text[piece];
            var splitter = new Splitter(text, piece, behavior, invert: false);
            for (var i = 0; i < span.Length;)
            {
                if (isDelimiter(CodePoints.At(span, i, out var units)))
                {
                    splitter.Match(i, i + units);
                }

                i += units;
            }

            splitter.Finish();
        }

        text.Commit();
    }
}
