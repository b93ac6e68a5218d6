namespace Rebound.Cli.Rows;

/// <summary>Rows of a file, each changed and written before the next one is read, so that a file may be of any size.</summary>
internal static class RowMapping
{
    /// <param name="context">The running command.</param>
    /// <param name="activity">What is done, for the progress line, for example <c>Encoding</c>.</param>
    /// <param name="input">The file to read, <c>-</c> for standard input.</param>
    /// <param name="output">The file to write; null for standard output.</param>
    /// <param name="change">Changes a row's content in place.</param>
    /// <exception cref="Rebound.Trajectories.DataException">A row is no JSON object, or <paramref name="change"/> refuses it.</exception>
    public static void Run(CommandContext context, string activity, string input, string? output, Action<Row> change)
    {
        var rows = RowReader.Read(input);
        using var writer = new RowWriter(output, context.Terminal);
        using (var progress = context.Terminal.StartProgress(activity, total: null, "rows"))
        {
            foreach (var row in rows)
            {
                context.Interrupted.ThrowIfCancellationRequested();
                change(row);
                writer.Write(row.Content);
                progress.Report(writer.Count);
            }
        }

        writer.Complete();
    }
}
