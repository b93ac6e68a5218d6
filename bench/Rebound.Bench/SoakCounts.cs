using System.Collections.Concurrent;

namespace Rebound.Bench;

/// <summary>How the requests of a soak ended.</summary>
internal sealed class SoakCounts
{
    private const int MostProblems = 20;

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _problems = new();

    /// <summary>Everything that was not as it has to be, the first of it.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    public void Add(string kind) => _counts.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Wrong(string problem)
    {
        Add("wrong");
        if (_problems.Count < MostProblems)
        {
            _problems.Enqueue(problem);
        }
    }

    public override string ToString() =>
        string.Join(", ", _counts.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Value} {entry.Key}"));
}
