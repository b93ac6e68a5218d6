using System.Text.RegularExpressions;

namespace Rebound.Trajectories.Selection;

/// <summary>Rows that could not be used: all are counted, by kind too, and the first are kept for the message.</summary>
public sealed class BadRows
{
    private const int Kept = 5;

    private static readonly Regex ListPlace = new(@"\[\d+\]", RegexOptions.NonBacktracking);

    /// <summary>What stands in quotes, a trajectory's id, and numbers.</summary>
    private static readonly (Regex Pattern, string Replacement)[] OwnValues =
    [
        (new Regex("'[^']*'", RegexOptions.NonBacktracking), "'…'"),
        (new Regex(@"\b(id|Trajectory) [^ :]+", RegexOptions.NonBacktracking), "$1 …"),
        (new Regex(@"\b\d[\d.,]*\b", RegexOptions.NonBacktracking), "…"),
    ];

    private readonly List<DataException> _first = [];
    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>The first few, in reading order.</summary>
    public IReadOnlyList<DataException> First => _first;

    /// <summary>
    /// How many there are of each kind: the field without its places in lists, and the problem without the row's own values.
    /// </summary>
    public IReadOnlyDictionary<string, int> Kinds => _kinds;

    public void Add(DataException row)
    {
        Count++;
        var kind = KindOf(row);
        _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
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

    private static string KindOf(DataException row)
    {
        var problem = row.Problem.TrimEnd('.');
        foreach (var (pattern, replacement) in OwnValues)
        {
            problem = pattern.Replace(problem, replacement);
        }

        return row.Field is { } field ? $"{ListPlace.Replace(field, "[]")}: {problem}" : problem;
    }
}
