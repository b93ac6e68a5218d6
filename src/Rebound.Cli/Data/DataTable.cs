using Rebound.Cli.Terminal;
using Spectre.Console;

namespace Rebound.Cli.Data;

/// <summary>Tables of counts: names on the left, numbers right-aligned.</summary>
internal static class DataTable
{
    /// <summary>Columns of the terminal that the numbers of the widest table need.</summary>
    private const int NumbersWidth = 62;

    private const int LeastNameWidth = 16;

    public static Table Create(string names, params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(Markup.Escape(names)).NoWrap());
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
        }

        return table;
    }

    public static void AddRow(Table table, params string[] cells) => table.AddRow([.. Fitting(cells).Select(Markup.Escape)]);

    /// <summary>Adds a bold row of totals.</summary>
    public static void AddTotal(Table table, params string[] cells) =>
        table.AddRow([.. Fitting(cells).Select(cell => $"[bold]{Markup.Escape(cell)}[/]")]);

    /// <summary>A name of the data that is longer than there is room for loses its end.</summary>
    private static IEnumerable<string> Fitting(string[] cells)
    {
        var (name, room) = (StandardStreams.Output.Shown(cells[0]), Math.Max(LeastNameWidth, TerminalStyle.OutputWidth - NumbersWidth));
        return cells.Skip(1).Prepend(CellWidth.Of(name) <= room ? name : $"{CellWidth.Cut(name, room - 1)}…");
    }

    public static string Share(int part, int whole) => whole == 0 ? "" : $"{100.0 * part / whole:F1}%";
}
