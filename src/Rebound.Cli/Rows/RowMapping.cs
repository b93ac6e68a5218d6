using Rebound.Cli.Options;

namespace Rebound.Cli.Rows;

/// <summary>Rows of a file, each changed and written before the next one is read, so that a file may be of any size.</summary>
internal static class RowMapping
{
    /// <exception cref="InputException">An option about rows is given where none are read.</exception>
    public static void CheckOptions(CommandContext context)
    {
        BadRowHandling.CheckRead(context, SharedOptions.InputRows);
        if (context.Get(SharedOptions.OutputRows) is not null && context.Get(SharedOptions.InputRows) is null)
        {
            throw new InputException($"{SharedOptions.OutputRows.Name} goes with {SharedOptions.InputRows.Name}.");
        }
    }

    /// <param name="context">The running command.</param>
    /// <param name="activity">The activity in the progress line, for example <c>Encoding</c>.</param>
    /// <param name="input">The file to read, <c>-</c> for standard input.</param>
    /// <param name="output">The file to write; null for standard output.</param>
    /// <param name="change">Changes a row's content in place.</param>
    /// <exception cref="InputException">Rows are no JSON objects, or <paramref name="change"/> refuses them,
    /// and they are not to be left out.</exception>
    public static void Run(CommandContext context, string activity, string input, string? output, Action<Row> change)
    {
        var bad = BadRowHandling.For(context, input);
        var rows = RowReader.Read(input, bad.Leave);
        using var writer = new RowWriter(output, context.Terminal);
        using (var progress = context.Terminal.StartProgress(activity, total: null, "rows"))
        {
            foreach (var row in rows)
            {
                context.Interrupted.ThrowIfCancellationRequested();
                if (bad.Takes(() => change(row)))
                {
                    writer.Write(row.Content);
                    progress.Report(writer.Count);
                }
            }
        }

        bad.End();
        writer.Complete();
    }
}
