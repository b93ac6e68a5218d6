using System.Text.RegularExpressions;

namespace Rebound.Files.Rows;

/// <summary>Rows that could not be used: all are counted, by kind too, and the first are kept for messages.</summary>
public sealed class BadRows
{
    private const int Kept = 5;
    private const int PlacesOfAKind = 4;

    private static readonly Regex ListPlace = new(@"\[\d+\]", RegexOptions.NonBacktracking);

    /// <summary>Parts of a message that differ between rows: quoted text, a trajectory's id, and numbers.</summary>
    private static readonly (Regex Pattern, string Replacement)[] OwnValues =
    [
        (new Regex("'[^']*'", RegexOptions.NonBacktracking), "'…'"),
        (new Regex(@"\b(id|Trajectory) [^ :]+", RegexOptions.NonBacktracking), "$1 …"),
        (new Regex(@"\b\d[\d.,]*\b", RegexOptions.NonBacktracking), "…"),
    ];

    private readonly List<DataException> _first = [];
    private readonly OrderedDictionary<string, int> _kinds = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, List<DataException>> _firstOfKinds = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>Rows that could be used.</summary>
    public int Good { get; private set; }

    /// <summary>The mistake that all have in common; <see cref="RowFault.Other"/> where they have none.</summary>
    public RowFault Fault { get; private set; }

    /// <summary>The first few, in reading order.</summary>
    public IReadOnlyList<DataException> First => _first;

    /// <summary>
    /// How many there are of each kind: the field without its places in lists, and the problem without the row's own values.
    /// </summary>
    public IReadOnlyDictionary<string, int> Kinds => _kinds;

    /// <summary>Those that a record is of.</summary>
    public static BadRows Of(BadRowsRecord record)
    {
        var rows = new BadRows { Count = record.Kinds.Sum(kind => kind.Count), Good = record.Good, Fault = record.Fault };
        rows._first.AddRange(record.First.Select(row => row.ToException()));
        foreach (var kind in record.Kinds)
        {
            rows._kinds.Add(kind.Kind, kind.Count);
            if (kind.First.Count > 0)
            {
                rows._firstOfKinds.Add(kind.Kind, [.. kind.First.Select(row => row.ToException())]);
            }
        }

        return rows;
    }

    public BadRowsRecord ToRecord() => new(
        Good,
        Fault,
        [.. _first.Select(BadRow.Of)],
        [.. _kinds.Select(kind => new BadRowKind(
            kind.Key, kind.Value, [.. _firstOfKinds.GetValueOrDefault(kind.Key, []).Select(BadRow.Of)]))]);

    public void AddGood() => Good++;

    public void Add(DataException row)
    {
        Count++;
        Fault = Count == 1 || Fault == row.Fault ? row.Fault : RowFault.Other;
        var kind = KindOf(row);
        _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        if (_firstOfKinds.Count < Kept)
        {
            _firstOfKinds.TryAdd(kind, []);
        }

        if (_firstOfKinds.TryGetValue(kind, out var alike) && alike.Count < PlacesOfAKind)
        {
            alike.Add(row);
        }

        if (_first.Count < Kept)
        {
            _first.Add(row);
        }
    }

    /// <summary>One error for all of them: the first of each kind, and how many more there are.</summary>
    public DataException ToException()
    {
        var first = _firstOfKinds.GetAt(0).Value[0];
        var rest = string.Concat(_firstOfKinds.Skip(1).Select(kind => $"\n{kind.Value[0].Message}{Alike(kind.Key)}"));
        var told = _firstOfKinds.Keys.Sum(kind => _kinds[kind]);
        var more = Count > told ? $"\nand {Count - told:N0} rows more" : "";
        return new DataException(first.File, first.Row, first.Field, $"{first.Problem}{Alike(KindOf(first))}{rest}{more}", first)
        {
            Fault = Fault,
            Rows = this,
        };
    }

    /// <summary>Which rows are like the first of a kind.</summary>
    private string Alike(string kind)
    {
        var first = _firstOfKinds[kind][0];
        string[] places =
            [.. _firstOfKinds[kind].Skip(1).Select(row => row.File == first.File ? $"row {row.Row}" : $"{row.File}: row {row.Row}")];
        var more = _kinds[kind] - 1 - places.Length;
        return places.Length == 0 ? ""
            : more > 0 ? $" So it is with {string.Join(", ", places)} and {more:N0} {(more == 1 ? "row" : "rows")} more."
            : $" So it is with {string.Join(", ", places[..^1].Append(""))}{(places.Length > 1 ? "and " : "")}{places[^1]}.";
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
