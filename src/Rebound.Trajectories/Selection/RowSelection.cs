using Rebound.Python;

namespace Rebound.Trajectories.Selection;

/// <summary>Which rows of a file are used, and in which order.</summary>
public sealed class RowSelection
{
    /// <summary>The seed with which the NAT reference samples its negatives, whatever the run's own seed is.</summary>
    public const int ReferenceSeed = 42;

    private readonly Dictionary<int, int>? _order;
    private readonly int _limit;

    private RowSelection(int limit, Dictionary<int, int>? order) => (_limit, _order) = (limit, order);

    /// <summary>Every row, in the file's order.</summary>
    public static RowSelection All { get; } = new(int.MaxValue, null);

    /// <summary>The first rows, in the file's order; all of them if there are fewer.</summary>
    public static RowSelection First(int count) => new(count, null);

    /// <summary>As the reference's <c>random.seed(42); random.sample(rows, count)</c>.</summary>
    /// <param name="rows">Rows in the file; at least <paramref name="count"/>.</param>
    public static RowSelection Sample(int rows, int count)
    {
        var sample = new PythonRandom(ReferenceSeed).Sample(rows, count);
        var order = sample.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return new RowSelection(sample.Length == 0 ? 0 : sample.Max() + 1, order);
    }

    /// <summary>The rows from this index on are not used: reading may stop.</summary>
    public int EndRow => _limit;

    /// <summary>The place of a row, counted from 0, among the selected ones; null if it is not selected.</summary>
    public int? PlaceOf(int row) =>
        _order is null ? (row < _limit ? row : null) : (_order.TryGetValue(row, out var place) ? place : null);
}
