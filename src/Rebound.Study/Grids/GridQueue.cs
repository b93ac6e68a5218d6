using System.Diagnostics.CodeAnalysis;

namespace Rebound.Study.Grids;

/// <summary>Work that several take from, each once, in order; safe to use from several threads.</summary>
/// <param name="longest">After which nothing more is given out; null for no limit.</param>
internal sealed class GridQueue<T>(IReadOnlyList<T> items, TimeSpan? longest, TimeProvider time)
    where T : class
{
    private readonly long _began = time.GetTimestamp();
    private int _taken;
    private int _done;

    public int All => items.Count;

    public int Done => Volatile.Read(ref _done);

    /// <summary>Counts one that is done.</summary>
    /// <returns>How many are, with this one.</returns>
    public int CountDone() => Interlocked.Increment(ref _done);

    /// <summary>The next; false where there is none, or no time for it.</summary>
    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        var place = time.GetElapsedTime(_began) > longest ? items.Count : Interlocked.Increment(ref _taken) - 1;
        item = place < items.Count ? items[place] : null;
        return item is not null;
    }
}
