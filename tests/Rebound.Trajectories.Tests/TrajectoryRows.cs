using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

/// <summary>Reads rows that a test writes as text.</summary>
internal static class TrajectoryRows
{
    public static async Task<List<Trajectory>> ReadAsync(
        string path, TrajectoryFormat? format = null, Action<DataException>? onBadRow = null)
    {
        var rows = new List<Trajectory>();
        await foreach (var trajectory in TrajectoryFile.ReadAsync(path, format, onBadRow, TestContext.Current.CancellationToken))
        {
            rows.Add(trajectory);
        }

        return rows;
    }

    /// <summary>The trajectory of a file of this one row.</summary>
    public static async Task<Trajectory> ReadRowAsync(string row, TrajectoryFormat? format = null)
    {
        using var file = new TemporaryFile(row, ".jsonl");
        return Assert.Single(await ReadAsync(file.Path, format));
    }

    /// <summary>The error of a file of this one row.</summary>
    public static async Task<DataException> RefusedAsync(string row, TrajectoryFormat? format = null)
    {
        using var file = new TemporaryFile(row, ".jsonl");
        var error = await Assert.ThrowsAsync<DataException>(() => ReadAsync(file.Path, format));
        Assert.Equal((file.Path, 1), (error.File, error.Row));
        return error;
    }
}
