namespace Rebound.Cli.Terminal;

/// <summary>Lines at the bottom of a terminal that are rewritten in place.</summary>
/// <param name="size">Columns and rows of the terminal.</param>
internal sealed class LiveBlock(TerminalWriter writer, Func<(int Width, int Height)> size)
{
    private const int LeastWidth = 20;

    private int _shown;

    /// <summary>Replaces the lines shown, as far as they fit into the terminal.</summary>
    public void Show(IEnumerable<string> lines)
    {
        var (width, height) = size();
        var fitting = lines.Take(Math.Max(1, height - 1)).Select(line =>
            CellWidth.Cut(writer.Shown(line), Math.Max(LeastWidth, width - 1))).ToArray();
        writer.Draw(drawn =>
        {
            ToTop(drawn);
            foreach (var line in fitting)
            {
                drawn.Write(line);
                drawn.Steer("\u001b[K\n");
            }

            drawn.Steer("\u001b[J");
        });
        _shown = fitting.Length;
    }

    /// <summary>Takes them away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_shown > 0)
        {
            writer.Draw(drawn =>
            {
                ToTop(drawn);
                drawn.Steer("\u001b[J");
            });
            _shown = 0;
        }
    }

    private void ToTop(TerminalWriter drawn) => drawn.Steer(_shown > 0 ? $"\r\u001b[{_shown}A" : "\r");
}
