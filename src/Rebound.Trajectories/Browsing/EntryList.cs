using System.Collections;

namespace Rebound.Trajectories.Browsing;

/// <summary>
/// Entries that one thread adds while others read what was there before: parts of a fixed size, so that growing copies none of them, and
/// what was read is never written again.
/// </summary>
internal sealed class EntryList
{
    private const int PartLength = 1024;

    private TrajectoryEntry[][] _parts = [];

    public int Count { get; private set; }

    public TrajectoryEntry this[int place] => _parts[place / PartLength][place % PartLength];

    public void Add(TrajectoryEntry entry)
    {
        if (Count == _parts.Length * PartLength)
        {
            _parts = [.. _parts, new TrajectoryEntry[PartLength]];
        }

        _parts[Count / PartLength][Count % PartLength] = entry;
        Count++;
    }

    /// <summary>Takes entries away from the end; those who read them still have them.</summary>
    public void Truncate(int count)
    {
        if (count < Count)
        {
            var whole = count / PartLength;
            _parts = [.. _parts.Take(whole), .. _parts.Skip(whole).Take(1).Select(part => part.ToArray())];
            Count = count;
        }
    }

    /// <summary>The entries so far, whatever is added later.</summary>
    public IReadOnlyList<TrajectoryEntry> Snapshot() => new Entries(_parts, Count);

    private sealed class Entries(TrajectoryEntry[][] parts, int count) : IReadOnlyList<TrajectoryEntry>
    {
        public int Count => count;

        public TrajectoryEntry this[int place] =>
            place < count ? parts[place / PartLength][place % PartLength] : throw new ArgumentOutOfRangeException(nameof(place));

        public IEnumerator<TrajectoryEntry> GetEnumerator()
        {
            for (var place = 0; place < count; place++)
            {
                yield return parts[place / PartLength][place % PartLength];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
