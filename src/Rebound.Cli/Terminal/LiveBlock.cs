using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>Lines at the bottom of a terminal that are rewritten in place.</summary>
internal sealed class LiveBlock(TextWriter writer)
{
    private int _shown;

    /// <summary>Shows these lines instead of those before.</summary>
    /// <param name="lines">Each shorter than the terminal is wide, and fewer than it has rows.</param>
    public void Show(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder();
        ToTop(text);
        foreach (var line in lines)
        {
            text.Append(line).Append("\u001b[K\n");
        }

        text.Append("\u001b[J");
        _shown = lines.Count;
        writer.Write(text.ToString());
        writer.Flush();
    }

    /// <summary>Takes them away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_shown > 0)
        {
            var text = new StringBuilder();
            ToTop(text);
            writer.Write(text.Append("\u001b[J").ToString());
            _shown = 0;
        }
    }

    private void ToTop(StringBuilder text) => text.Append(_shown > 0 ? $"\r\u001b[{_shown}A" : "\r");
}
