using Rebound.Cli.Terminal;

namespace Rebound.Cli.Help;

/// <summary>Lays help out in paragraphs and two columns, wrapped to a width.</summary>
/// <param name="width">Columns of the longest line.</param>
/// <param name="styled">Whether headings may stand out.</param>
internal sealed class HelpPage(TerminalWriter writer, int width, bool styled)
{
    private const int WidthWhenRedirected = 80;
    private const int NameColumnLimit = 30;

    /// <summary>For a standard stream, as wide as its terminal.</summary>
    public static HelpPage For(TerminalWriter writer) => new(
        writer, Math.Clamp(writer.IsTerminal ? TerminalStyle.Width : WidthWhenRedirected, 40, 110),
        TerminalStyle.Allowed(!writer.IsTerminal));

    public void Paragraph(string text) => Paragraph("", text);

    /// <param name="label">Text before the first line; the others are indented by its width.</param>
    public void Paragraph(string label, string text)
    {
        var left = label;
        foreach (var line in LineFill.Words(text, width - label.Length))
        {
            writer.WriteLine(left + line);
            left = new string(' ', label.Length);
        }

        writer.WriteLine();
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
        var column = Math.Min(NameColumnLimit, nameWidth > 0 ? nameWidth : rows.Max(row => row.Name.Length)) + 4;
        foreach (var (name, description) in rows)
        {
            var left = $"  {name}".PadRight(column);
            if (name.Length + 4 > column)
            {
                writer.WriteLine(left.TrimEnd());
                left = new string(' ', column);
            }

            foreach (var line in LineFill.Words(description, width - column))
            {
                writer.WriteLine($"{left}{line}");
                left = new string(' ', column);
            }
        }

        writer.WriteLine();
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
            var parts = LineFill.Of(line.Split(" --"), width - 8, " --").ToArray();
            for (var i = 0; i < parts.Length; i++)
            {
                writer.WriteLine($"{left}{parts[i]}{(i + 1 < parts.Length ? " \\" : "")}");
                left = "    --";
            }
        }

        writer.WriteLine();
    }

    private void Heading(string text)
    {
        writer.WriteStyled(text, styled ? TerminalStyle.Bold : "");
        writer.WriteLine();
    }
}
