using Rebound.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Train;

/// <summary>
/// One line that shows where the loss begins and ends in a document:
/// <c>…assistant↵⟦Thought: … finish[Yes]&lt;|im_end|&gt;⟧↵…</c>.
/// </summary>
internal static class PreviewView
{
    private const int Edge = 70;

    public static string Line(TokenizedDocument document, Tokenizer tokenizer) =>
        string.Concat(LossPreview.Of(document, tokenizer).Take(3).Select((span, place) => (span.InLoss, place) switch
        {
            (true, _) => $"⟦{Middle(span.Text)}⟧",
            (_, 0) => End(span.Text),
            _ => Start(span.Text),
        }));

    private static string Middle(string text) =>
        text.Length <= 2 * Edge ? OneLine(text) : $"{OneLine(text[..Edge])} … {OneLine(text[^Edge..])}";

    private static string End(string text) => text.Length <= 2 * Edge ? OneLine(text) : $"…{OneLine(text[^(2 * Edge)..])}";

    private static string Start(string text) => text.Length <= Edge ? OneLine(text) : $"{OneLine(text[..Edge])}…";

    private static string OneLine(string text) => text.Replace("\r", "").Replace("\n", "↵");
}
