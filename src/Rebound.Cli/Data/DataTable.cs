using Spectre.Console;

namespace Rebound.Cli.Data;

/// <summary>Tables of counts: names on the left, numbers right-aligned.</summary>
internal static class DataTable
{
    public static Table Create(string names, params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(Markup.Escape(names)).NoWrap());
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
        }

        return table;
    }

    public static void AddRow(Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    /// <summary>A row that stands out.</summary>
    public static void AddTotal(Table table, params string[] cells) => table.AddRow([.. cells.Select(cell => $"[bold]{Markup.Escape(cell)}[/]")]);

    public static string Share(int part, int whole) => whole == 0 ? "" : $"{100.0 * part / whole:F1}%";
}
