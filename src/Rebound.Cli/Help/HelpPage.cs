using Rebound.Cli.Terminal;

namespace Rebound.Cli.Help;

/// <summary>Lays help out in paragraphs and two columns, wrapped to the terminal's width.</summary>
internal sealed class HelpPage
{
    private const int NameColumnLimit = 34;

    private readonly TerminalWriter _writer;
    private readonly int _width;
    private readonly bool _styled;

    public HelpPage(TerminalWriter writer)
    {
        _writer = writer;
        _styled = TerminalStyle.Allowed(!writer.IsTerminal);
        _width = Math.Clamp(writer.IsTerminal ? TerminalStyle.Width : 100, 40, 110);
    }

    public void Paragraph(string text)
    {
        foreach (var line in LineFill.Words(text, _width))
        {
            _writer.WriteLine(line);
        }

        _writer.WriteLine();
    }

    /// <summary>A heading and rows of name and description; a description goes on under itself.</summary>
    /// <param name="nameWidth">Width of the names, when several tables are to line up; 0: these names' own.</param>
    public void Table(string heading, IReadOnlyList<(string Name, string Description)> rows, int nameWidth = 0)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Heading(heading);
        var column = Math.Min(NameColumnLimit, Math.Max(nameWidth, rows.Max(row => row.Name.Length))) + 4;
        foreach (var (name, description) in rows)
        {
            var left = $"  {name}".PadRight(column);
            if (name.Length + 4 > column)
            {
                _writer.WriteLine(left);
                left = new string(' ', column);
            }

            foreach (var line in LineFill.Words(description, _width - column))
            {
                _writer.WriteLine($"{left}{line}");
                left = new string(' ', column);
            }
        }

        _writer.WriteLine();
    }

    /// <summary>A heading and command lines; a long one goes on after a backslash, so that it can still be copied.</summary>
    public void CommandLines(string heading, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        Heading(heading);
        foreach (var line in lines)
        {
            var left = "  ";
            var parts = LineFill.Of(line.Split(" --"), _width - 8, " --").ToArray();
            for (var i = 0; i < parts.Length; i++)
            {
                _writer.WriteLine($"{left}{parts[i]}{(i + 1 < parts.Length ? " \\" : "")}");
                left = "    --";
            }
        }

        _writer.WriteLine();
    }

    private void Heading(string text)
    {
        _writer.WriteStyled(text, _styled ? TerminalStyle.Bold : "");
        _writer.WriteLine();
    }
}
