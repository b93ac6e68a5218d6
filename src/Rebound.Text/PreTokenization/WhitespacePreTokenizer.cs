using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>The pieces are the matches of <c>\w+|[^\w\s]+</c>; white space is dropped.</summary>
internal sealed class WhitespacePreTokenizer : PreTokenizer
{
    public override void Apply(SplitText text)
    {
        foreach (var piece in text.Pieces)
        {
            var span = text[piece];
            var start = 0;
            var startKind = 0;
            for (var i = 0; i < span.Length;)
            {
                var kind = Kind(CodePoints.At(span, i, out var units));
                if (kind != startKind)
                {
                    AddWord(start, i, startKind);
                    (start, startKind) = (i, kind);
                }

                i += units;
            }

            AddWord(start, span.Length, startKind);

            void AddWord(int from, int to, int kind)
            {
                if (kind != 0)
                {
                    text.Add(piece.Start + from, piece.Start + to);
                }
            }
        }

        text.Commit();
    }

    private static int Kind(int codePoint) => CodePoints.IsWhiteSpace(codePoint) ? 0 : CodePoints.IsWord(codePoint) ? 1 : 2;
}
