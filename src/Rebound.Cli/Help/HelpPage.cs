using Rebound.Cli.Terminal;

namespace Rebound.Cli.Help;

/// <summary>Lays help out in paragraphs and two columns, wrapped to the terminal's width.</summary>
internal sealed class HelpPage
{
    private const int NameColumnLimit = 34;

    private readonly TextWriter _writer;
    private readonly int _width;
    private readonly bool _styled;

    public HelpPage(TextWriter writer)
    {
        _writer = writer;
        var redirected = ReferenceEquals(writer, Console.Error) ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        _styled = TerminalStyle.Allowed(redirected);
        _width = Math.Clamp(redirected ? 100 : TerminalStyle.Width, 40, 110);
    }

    public void Paragraph(string text)
    {
        foreach (var line in Wrap(text, _width))
        {
            _writer.WriteLine(line);
        }

        _writer.WriteLine();
    }

    /// <summary>A heading and rows of name and description; a description goes on under itself.</summary>
    public void Table(string heading, IReadOnlyList<(string Name, string Description)> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Heading(heading);
        var column = Math.Min(NameColumnLimit, rows.Max(row => row.Name.Length)) + 4;
        foreach (var (name, description) in rows)
        {
            var left = $"  {name}".PadRight(column);
            if (left.Length > column)
            {
                _writer.WriteLine(left);
                left = new string(' ', column);
            }

            foreach (var line in Wrap(description, _width - column))
            {
                _writer.WriteLine($"{left}{line}");
                left = new string(' ', column);
            }
        }

        _writer.WriteLine();
    }

    /// <summary>A heading and lines that are to be copied, so they are not wrapped.</summary>
    public void Lines(string heading, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        Heading(heading);
        foreach (var line in lines)
        {
            _writer.WriteLine($"  {line}");
        }

        _writer.WriteLine();
    }

    private void Heading(string text) => _writer.WriteLine(_styled ? $"\u001b[1m{text}\u001b[0m" : text);

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
