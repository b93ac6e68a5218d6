using System.Text.Json;
using System.Text.RegularExpressions;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Selection;

/// <summary>
/// Finds members of rows that may hold outcomes, for data in which no outcome was read: by their names, or by values that are true for
/// some rows and false for others.
/// </summary>
public sealed class OutcomeColumns
{
    private const int LongestValue = 30;
    private const int ValuesShown = 3;
    private const int ColumnsShown = 5;

    private static readonly Regex Word = new("[A-Z]?[a-z]+|[A-Z]+", RegexOptions.NonBacktracking);

    private static readonly string[] Stems =
    [
        "succe", "fail", "reward", "scor", "label", "outcome", "result", "correct", "rating", "grade", "verdict", "judg", "feedback",
        "solv", "resolv", "quality", "accept", "thumb", "status", "eval", "prefer",
    ];

    private static readonly string[] Words = ["pass", "passed", "win", "won", "kto", "ok"];

    /// <summary>Members that say something else.</summary>
    private static readonly string[] Others = [TrajectoryReader.Id, TrajectoryReader.Source, "f1", "gt", "pred", "cause"];

    private readonly OrderedDictionary<string, Column> _columns = new(StringComparer.Ordinal);

    /// <summary>The members that look so, with a few of their values, for example <c>'verdict' ("good enough", "poor")</c>.</summary>
    public IReadOnlyList<string> Found =>
        [.. _columns.Where(column =>
            column.Value.LooksSo).Take(ColumnsShown).Select(column => $"'{column.Key}' ({string.Join(", ", column.Value.Values)})")];

    public void Add(Trajectory trajectory)
    {
        foreach (var (name, value) in trajectory.Members)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var inner in value.EnumerateObject())
                {
                    Add($"{name}.{inner.Name}", inner.Name, inner.Value);
                }
            }
            else
            {
                Add(name, name, value);
            }
        }
    }

    private void Add(string path, string name, JsonElement value)
    {
        var isShort = value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number
            || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length is > 0 and <= LongestValue);
        if (!isShort || Others.Contains(name))
        {
            return;
        }

        if (!_columns.TryGetValue(path, out var column))
        {
            _columns[path] = column = new Column(IsNamedSo(name));
        }

        column.Add(value);
    }

    private static bool IsNamedSo(string name) => Word.Matches(name).Select(match => match.Value.ToLowerInvariant())
        .Any(word => Words.Contains(word) || Stems.Any(stem => word.StartsWith(stem, StringComparison.Ordinal)));

    private sealed class Column(bool isNamedSo)
    {
        private readonly List<string> _values = [];
        private bool _isOutcome = true;
        private bool _hasGood;
        private bool _hasBad;

        public IReadOnlyList<string> Values => _values;

        public bool LooksSo => isNamedSo || (_isOutcome && _hasGood && _hasBad);

        public void Add(JsonElement value)
        {
            var outcome = value.ValueKind == JsonValueKind.Number ? null : OutcomeWords.Read(value);
            _isOutcome &= outcome is not null;
            _hasGood |= outcome > 0;
            _hasBad |= outcome <= 0;
            if (_values.Count < ValuesShown && value.GetRawText() is var text && !_values.Contains(text))
            {
                _values.Add(text);
            }
        }
    }
}
