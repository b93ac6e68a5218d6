namespace Rebound.Trajectories.Selection;

/// <summary>Rows that could not be used: all are counted, the first are kept for the message.</summary>
public sealed class BadRows
{
    private const int Kept = 5;

    private readonly List<DataException> _first = [];

    public int Count { get; private set; }

    /// <summary>The first few, in reading order.</summary>
    public IReadOnlyList<DataException> First => _first;

    public void Add(DataException row)
    {
        Count++;
        if (_first.Count < Kept)
        {
            _first.Add(row);
        }
    }

    /// <summary>One error for all of them.</summary>
    public DataException ToException()
    {
        var first = _first[0];
        var rest = string.Concat(_first.Skip(1).Select(row => $"\n{row.Message}"));
        var more = Count > _first.Count ? $"\nand {Count - _first.Count} rows more" : "";
        return new DataException(first.File, first.Row, first.Field, $"{first.Problem}{rest}{more}", first);
    }
}
