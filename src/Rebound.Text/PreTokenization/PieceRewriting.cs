namespace Rebound.Text.PreTokenization;

/// <summary>Rewrites the pieces of a text in place of splitting them.</summary>
internal static class PieceRewriting
{
    /// <summary>Puts <paramref name="prefix"/> before every piece that does not begin with it.</summary>
    public static void Prepend(SplitText text, string prefix)
    {
        var head = Math.Min(text.Head, 0);
        foreach (var piece in text.Pieces)
        {
            var start = text.Append([]);
            if (!text[piece].StartsWith(prefix))
            {
                text.Append(prefix);
            }

            var end = text.Append(text[piece]);
            text.Add(start, end);
            if (text.BeginsInput(piece))
            {
                head = end - Math.Max(0, piece.End - text.Head);
            }
        }

        text.CommitRewritten(head);
    }
}
