using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Train;

/// <summary>
/// One line that shows where the loss begins and ends in a document:
/// <c>…assistant↵⟦Thought: … finish[Yes]&lt;|im_end|&gt;⟧↵…</c>.
/// </summary>
internal static class PreviewView
{
    public static string Line(IEnumerable<LossSpan> spans) =>
        string.Concat(spans.Select(span => span.InLoss ? $"⟦{OneLine(span.Text)}⟧" : OneLine(span.Text)));

    private static string OneLine(string text) => text.Replace("\r", "").Replace("\n", "↵");
}
