using System.Runtime.CompilerServices;
using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Reads files of trajectories, JSON lists or JSON lines, in any <see cref="TrajectoryFormat"/>, one row at a time.
/// </summary>
public static class TrajectoryFile
{
    /// <summary>
    /// Streams the trajectories of a file in order. With <paramref name="onBadRow"/> a row that is no trajectory is handed
    /// there and left out; without it, it ends the reading. A list may be empty: a collection need not have successes, or failures.
    /// </summary>
    /// <param name="format">Null to tell every row's format from its members.</param>
    /// <exception cref="DataException">A row cannot be read; file, row and field are named.</exception>
    public static async IAsyncEnumerable<Trajectory> ReadAsync(
        string path,
        TrajectoryFormat? format = null,
        Action<DataException>? onBadRow = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in ReadRowsAsync(path, format, onBadRow, cancellation))
        {
            yield return row.Trajectory;
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, with every trajectory's row as it stands in the file.</summary>
    /// <exception cref="DataException">A row cannot be read; file, row and field are named.</exception>
    public static async IAsyncEnumerable<TrajectoryRow> ReadRowsAsync(
        string path,
        TrajectoryFormat? format = null,
        Action<DataException>? onBadRow = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var ids = new RowIds();
        await foreach (var row in JsonRows.ReadAsync(path, onBadRow, takesEmptyList: true, cancellation))
        {
            if (Read(row, format, onBadRow) is { } trajectory)
            {
                yield return new TrajectoryRow(path, row.Element, ids.Next(trajectory, row));
            }
        }
    }

    /// <summary>The number of rows of a file, good or bad.</summary>
    public static Task<int> CountAsync(string path, CancellationToken cancellation = default) => JsonRows.CountAsync(path, cancellation);

    /// <summary>Makes a trajectory of a row that is read already.</summary>
    /// <param name="file">Its file and number, counted from 1, for messages.</param>
    /// <param name="format">Null to tell it from the row's members.</param>
    /// <exception cref="DataException">It is no trajectory; the field is named.</exception>
    public static Trajectory ReadRow(JsonElement row, string file, int number, TrajectoryFormat? format = null) =>
        TrajectoryReader.Read(new DataRow(file, number, row), format);

    private static Trajectory? Read(DataRow row, TrajectoryFormat? format, Action<DataException>? onBadRow)
    {
        try
        {
            return TrajectoryReader.Read(row, format);
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(e);
            return null;
        }
    }
}

/// <summary>A trajectory with its row.</summary>
/// <param name="Json">The row, with all that it holds.</param>
public sealed record TrajectoryRow(string File, JsonElement Json, Trajectory Trajectory);
