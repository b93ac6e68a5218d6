using Rebound.Cli.Terminal;
using Rebound.Files.Rows;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Data;

/// <summary>Says what is wrong with rows: as the error that ends a command, or as a note of what was left out.</summary>
internal static class BadRowsView
{
    public static InputException Refusal(BadRows bad) => Refusal(bad.ToException());

    public static InputException Refusal(DataException bad) => new($"{bad.Message}\n{Advice(bad)}", bad);

    /// <summary>Reads trajectories.</summary>
    /// <exception cref="InputException">Rows are bad; the message says what to do.</exception>
    public static T Refusing<T>(DatasetOptions data, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DataException e) when (e.Fault == RowFault.WithoutQuestion || e.Rows is { Good: 0 }
            || (!data.SkipBadRows && e.Row is not null))
        {
            throw Refusal(e);
        }
    }

    private static string Advice(DataException bad) => (bad.Fault, bad.Rows) switch
    {
        (RowFault.WithoutQuestion, _) =>
            "Give the questions with --question-path FILE, or use trajectories as they stand with --prompt none.",
        (RowFault.IsQuestion, { Good: 0 }) =>
            "These are questions: --question-path takes them beside trajectories, and 'rebound collect --question-path' makes "
                + "trajectories of them.",
        (_, { Good: 0 }) => "No other row can be used either, so leaving bad ones out would leave nothing.",
        _ => "Mend these rows, or add --on-bad-row skip to leave them out.",
    };

    /// <summary>Counts by kind and the first of them; nothing where there are none.</summary>
    public static void Note(CommandTerminal terminal, BadRows bad)
    {
        if (bad.Count == 0)
        {
            return;
        }

        terminal.Note($"{CountText.Of(bad.Count, "bad row was", "bad rows were")} left out:");
        foreach (var (kind, count) in bad.Kinds.OrderByDescending(kind => kind.Value))
        {
            terminal.Note($"  {count,7:N0}  {kind}");
        }

        terminal.Note($"The first: {bad.First[0].Message}");
    }
}
