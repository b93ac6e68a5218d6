using Rebound.Agents.Collection;
using Spectre.Console;

namespace Rebound.Cli.Collect;

/// <summary>Shows the totals of a collection as a table.</summary>
internal static class CollectionView
{
    /// <param name="attempts">How many episodes there are to be.</param>
    public static Table Summary(CollectionTotals totals, int attempts, Budget budget)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns(new TableColumn(""), new TableColumn("").RightAligned(), new TableColumn("").RightAligned());
        table.HideHeaders();
        Add(table, "episodes", totals.Episodes, attempts);
        Add(table, "[green]successes[/]", totals.Successes, totals.Episodes);
        foreach (var (cause, count) in totals.Causes)
        {
            Add(table, Markup.Escape(cause), count, totals.Episodes);
        }

        table.AddRow("tokens read", $"{totals.InputTokens:N0}", "");
        table.AddRow("tokens written", $"{totals.OutputTokens:N0}", "");
        if (budget.Cost(totals.InputTokens, totals.OutputTokens) is > 0 and var cost)
        {
            table.AddRow("cost", $"{cost:0.00}", "");
        }

        return table;
    }

    private static void Add(Table table, string name, int count, int of) =>
        table.AddRow(name, $"{count:N0}", of == 0 ? "" : $"{100.0 * count / of:0.0} %");
}
