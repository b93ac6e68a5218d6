using System.Runtime.CompilerServices;
using Rebound.Files.Rows;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Selection;

/// <summary>A trajectory that is used, and where.</summary>
/// <param name="File">The file it was read from.</param>
/// <param name="Outcome">One of the names of <see cref="Trajectories.Outcome"/>.</param>
/// <param name="Place">Its place among those of its outcome.</param>
internal sealed record SelectedRow(string File, string Outcome, int Place, Trajectory Trajectory)
{
    private static readonly string[] OutcomeOrder =
        [Trajectories.Outcome.Positive, Trajectories.Outcome.Negative, Trajectories.Outcome.Unscored];

    /// <summary>Positives, then negatives, then what was not scored, each in its own order.</summary>
    public (int Outcome, int Place) Order => (Array.IndexOf(OutcomeOrder, Outcome), Place);

    /// <summary>
    /// Streams the selected rows, file by file; <see cref="Order"/> sorts them. A file of one outcome gives it to all its
    /// rows; in the others every row carries its own.
    /// </summary>
    /// <param name="onBadRow">Where rows go that are no trajectories, if they were selected.</param>
    /// <exception cref="DataException">A file cannot be read, or has fewer negatives than are asked for.</exception>
    public static async IAsyncEnumerable<SelectedRow> ReadAsync(
        DatasetOptions options, Action<DataException> onBadRow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (options.PositivePath is { } positives)
        {
            await foreach (var row in ReadFileAsync(
                positives, Trajectories.Outcome.Positive, options.Format, First(options), onBadRow, cancellation))
            {
                yield return row;
            }
        }

        if (options.NegativePath is { } negatives)
        {
            var selection = options.NegativeCount is { } count
                ? Sample(negatives, await CountAsync(negatives, cancellation), count)
                : RowSelection.All;
            await foreach (var row in ReadFileAsync(
                negatives, Trajectories.Outcome.Negative, options.Format, selection, onBadRow, cancellation))
            {
                yield return row;
            }
        }

        await foreach (var row in ReadScoredAsync(options, onBadRow, cancellation))
        {
            yield return row;
        }
    }

    private static RowSelection First(DatasetOptions options) =>
        options.PositiveCount is { } count ? RowSelection.First(count) : RowSelection.All;

    private static RowSelection Sample(string file, int rows, int count) => count <= rows
        ? RowSelection.Sample(rows, count)
        : throw new DataException(file, null, null, $"has {rows} trajectories, and {count} negatives were asked for.");

    private static async Task<int> CountAsync(string path, CancellationToken cancellation)
    {
        var rows = 0;
        foreach (var file in DataFiles.Of(path))
        {
            rows += await TrajectoryFile.CountAsync(file, cancellation);
        }

        return rows;
    }

    /// <summary>A file, or those of a folder as one.</summary>
    private static async IAsyncEnumerable<SelectedRow> ReadFileAsync(
        string path,
        string outcome,
        TrajectoryFormat? format,
        RowSelection selection,
        Action<DataException> onBadRow,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (selection.EndRow == 0)
        {
            yield break;
        }

        var (before, read) = (0, 0);
        void Reject(DataException row)
        {
            read = row.Row ?? read;
            if (row.Row is { } number && selection.PlaceOf(before + number - 1) is not null)
            {
                onBadRow(row);
            }
        }

        foreach (var file in DataFiles.Of(path))
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(file, format, Reject, cancellation))
            {
                read = trajectory.Row;
                if (before + read > selection.EndRow)
                {
                    yield break;
                }

                if (selection.PlaceOf(before + read - 1) is { } place)
                {
                    yield return new SelectedRow(file, outcome, place, trajectory);
                }
            }

            (before, read) = (before + read, 0);
        }
    }

    private static IEnumerable<string> ScoredFiles(DatasetOptions options) => options.ScoredPaths.SelectMany(DataFiles.Of);

    /// <summary>All files as one: the first positives of all, and the negatives sampled among all negatives.</summary>
    private static async IAsyncEnumerable<SelectedRow> ReadScoredAsync(
        DatasetOptions options, Action<DataException> onBadRow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var files = string.Join(", ", options.ScoredPaths);
        var negatives = options.NegativeCount is { } count && options.ScoredPaths.Count > 0
            ? Sample(files, await CountNegativesAsync(options, cancellation), count)
            : RowSelection.All;
        var selections = new[] { First(options), negatives, RowSelection.All };
        var seen = new int[selections.Length];
        foreach (var file in ScoredFiles(options))
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(file, options.Format, onBadRow, cancellation))
            {
                var outcome = Array.IndexOf(OutcomeOrder, trajectory.Outcome.Name);
                if (selections[outcome].PlaceOf(seen[outcome]++) is { } place)
                {
                    yield return new SelectedRow(file, trajectory.Outcome.Name, place, trajectory);
                }
            }
        }
    }

    private static async Task<int> CountNegativesAsync(DatasetOptions options, CancellationToken cancellation)
    {
        var negatives = 0;
        foreach (var file in ScoredFiles(options))
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(file, options.Format, _ => { }, cancellation))
            {
                negatives += trajectory.Outcome.Success == false ? 1 : 0;
            }
        }

        return negatives;
    }
}
