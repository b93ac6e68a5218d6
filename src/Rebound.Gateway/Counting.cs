using System.Collections.Concurrent;

namespace Rebound.Gateway;

/// <summary>Counts of what passes, from any thread.</summary>
internal sealed class Counting
{
    private int _answers;
    private int _others;

    /// <summary>Requests that came to no answer, by reason.</summary>
    public ConcurrentDictionary<string, int> Failed { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers that were not recorded, by reason.</summary>
    public ConcurrentDictionary<string, int> NotRecorded { get; } = new(StringComparer.Ordinal);

    /// <summary>Headers of the gateway's own that could not be used, by reason.</summary>
    public ConcurrentDictionary<string, int> IgnoredHeaders { get; } = new(StringComparer.Ordinal);

    public int Answers => Volatile.Read(ref _answers);

    public int Others => Volatile.Read(ref _others);

    public void AddAnswer() => Interlocked.Increment(ref _answers);

    public void AddOther() => Interlocked.Increment(ref _others);

    /// <returns>How many there are of the reason now.</returns>
    public static int Add(ConcurrentDictionary<string, int> counts, string reason) =>
        counts.AddOrUpdate(reason, 1, (_, count) => count + 1);
}
