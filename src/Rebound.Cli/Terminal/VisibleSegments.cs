using Spectre.Console.Rendering;

namespace Rebound.Cli.Terminal;

/// <summary>Shows what stands in tables and rules as the stream shows text; styles, which are no text, stay.</summary>
internal sealed class VisibleSegments(TerminalWriter output) : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(renderable => new Visible(renderable, output));

    private sealed class Visible(IRenderable inner, TerminalWriter output) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth)
            .Select(segment =>
                segment.IsControlCode || segment.IsLineBreak ? segment : new Segment(output.Shown(segment.Text), segment.Style));
    }
}
