using Rebound.Files.Messages;
using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>A stretch of a document that is wholly in the loss or wholly outside of it.</summary>
public readonly record struct LossSpan(string Text, bool InLoss);

/// <summary>Shows which parts of a document are learned: its decoded text, cut where the labels change.</summary>
public static class LossPreview
{
    /// <summary>Characters kept at each end of a shortened span.</summary>
    private const int Edge = 70;

    /// <summary>The first answer in the loss with what is around it, long texts shortened.</summary>
    public static IReadOnlyList<LossSpan> Excerpt(TokenizedDocument document, Tokenizer tokenizer) =>
    [
        .. Of(document, tokenizer).Take(3).Select((span, place) => span with
        {
            Text = (span.InLoss, place) switch
            {
                (true, _) => Middle(span.Text),
                (_, 0) => TextExcerpt.Ending(span.Text, 2 * Edge),
                _ => TextExcerpt.Beginning(span.Text, Edge),
            },
        }),
    ];

    public static IEnumerable<LossSpan> Of(TokenizedDocument document, Tokenizer tokenizer)
    {
        var start = 0;
        foreach (var run in document.Content.Runs.ToArray())
        {
            if (run.Start > start)
            {
                yield return Span(start, run.Start, inLoss: false);
            }

            yield return Span(run.Start, run.End, inLoss: true);
            start = run.End;
        }

        if (document.Length > start)
        {
            yield return Span(start, document.Length, inLoss: false);
        }

        LossSpan Span(int from, int to, bool inLoss) => new(tokenizer.Decode(document.Content.Tokens.Span[from..to]), inLoss);
    }

    private static string Middle(string text) =>
        text.Length <= 2 * Edge ? text : $"{TextExcerpt.First(text, Edge)} … {TextExcerpt.Last(text, Edge)}";
}
