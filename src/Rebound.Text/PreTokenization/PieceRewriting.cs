namespace Rebound.Text.PreTokenization;

/// <summary>Rewrites the pieces of a text in place of splitting them.</summary>
internal static class PieceRewriting
{
    /// <summary>Puts <paramref name="prefix"/> before every piece that does not begin with it.</summary>
    public static void Prepend(SplitText text, string prefix)
    {
        foreach (var piece in text.Pieces)
        {
            var start = text.Append([]);
            if (!text[piece].StartsWith(prefix))
            {
                text.Append(prefix);
            }

            text.Add(start, text.Append(text[piece]));
        }

        text.CommitRewritten();
    }
}
