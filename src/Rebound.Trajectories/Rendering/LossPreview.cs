using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>A stretch of a document that is wholly in the loss or wholly outside of it.</summary>
public readonly record struct LossSpan(string Text, bool InLoss);

/// <summary>Shows people what of a document is learned: its text back from the tokens, cut where the labels change.</summary>
public static class LossPreview
{
    public static IEnumerable<LossSpan> Of(TokenizedDocument document, Tokenizer tokenizer)
    {
        var start = 0;
        for (var t = 1; t <= document.Tokens.Length; t++)
        {
            if (t == document.Tokens.Length || InLoss(document, t) != InLoss(document, start))
            {
                yield return new LossSpan(tokenizer.Decode(document.Tokens.AsSpan(start, t - start)), InLoss(document, start));
                start = t;
            }
        }
    }

    private static bool InLoss(TokenizedDocument document, int token) =>
        document.Labels[token] != TokenizedDocument.IgnoreLabel;
}
