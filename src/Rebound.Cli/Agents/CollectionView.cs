using System.Diagnostics;
using Rebound.Agents.Collection;
using Rebound.Cli.Terminal;
using Spectre.Console;

namespace Rebound.Cli.Agents;

/// <summary>How a collection goes: a table that is rewritten on a terminal, a line now and then elsewhere.</summary>
internal sealed class CollectionView(CommandContext context, Budget budget, int attempts)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next;
    private int? _before;

    /// <summary>Runs the collection, and shows what it reports.</summary>
    /// <param name="run">Given where to report to.</param>
    public async Task<CollectionResult> ShowAsync(Func<Action<CollectionTotals>, Task<CollectionResult>> run)
    {
        if (!context.Terminal.ShowsLiveProgress)
        {
            using var progress = context.Terminal.StartProgress("Collecting", attempts, "episodes");
            return await run(totals => progress.Report(totals.Episodes, Line(totals)));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Live(new Markup("")).StartAsync(async live =>
        {
            var result = await run(totals =>
            {
                if (_clock.Elapsed >= _next)
                {
                    _next = _clock.Elapsed + Interval;
                    live.UpdateTarget(Summary(totals));
                }
            });
            live.UpdateTarget(new Markup(""));
            return result;
        });
    }

    /// <summary>The collection as a table.</summary>
    public Table Summary(CollectionTotals totals)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(new TableColumn(""), new TableColumn("").RightAligned(), new TableColumn("").RightAligned());
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

        table.AddRow("episodes a minute", $"{Rate(totals):0.0}", "");
        return table;
    }

    private static void Add(Table table, string name, int count, int of) =>
        table.AddRow(name, $"{count:N0}", of == 0 ? "" : $"{100.0 * count / of:0.0} %");

    private string Line(CollectionTotals totals) =>
        $"{totals.Successes} right, {totals.InputTokens + totals.OutputTokens:N0} tokens, {Rate(totals):0.0} a minute"
        + string.Concat(totals.Causes.Select(cause => $", {cause.Value} {cause.Key}"));

    /// <summary>Of this run alone: what was there before is not counted.</summary>
    private double Rate(CollectionTotals totals)
    {
        _before ??= totals.Episodes - 1;
        return (totals.Episodes - _before.Value) / Math.Max(_clock.Elapsed.TotalMinutes, 1e-3);
    }
}
