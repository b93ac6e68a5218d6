using System.Globalization;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Ids of the rows of one file, in their order: a row without one has its number, unless a row before has that for an id.
/// </summary>
internal sealed class RowIds
{
    private readonly HashSet<int> _numbers = [];

    /// <summary>The trajectory of the next row, with an id that it shares with none that has another question.</summary>
    public Trajectory Next(Trajectory trajectory, DataRow row)
    {
        if (trajectory.HasOwnId && int.TryParse(trajectory.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            _numbers.Add(number);
        }

        return !trajectory.HasOwnId && _numbers.Contains(row.Row - 1)
            ? trajectory with { Id = TrajectoryReader.IdAmongOthers(row) }
            : trajectory;
    }
}
