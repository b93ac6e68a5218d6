namespace Rebound.Training;

/// <summary>
/// Packs documents into as few batches of a token budget as best fit finds: longest first, each into the fullest
/// batch that still has room (Johnson 1973, "Near-optimal bin packing algorithms").
/// </summary>
public static class BestFitPacking
{
    /// <summary>
    /// Every index of <paramref name="lengths"/> exactly once. A document longer than the budget gets a batch of its own.
    /// </summary>
    /// <param name="lengths">Tokens of each document.</param>
    /// <param name="budget">Tokens of a batch.</param>
    /// <returns>The batches in the order in which they were opened, each in the order of <paramref name="lengths"/>.</returns>
    public static int[][] Pack(ReadOnlySpan<int> lengths, int budget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, 1);
        var longestFirst = Enumerable.Range(0, lengths.Length).ToArray();
        var keys = lengths.ToArray();
        Array.Sort(longestFirst, (a, b) => keys[a] != keys[b] ? keys[b].CompareTo(keys[a]) : a.CompareTo(b));

        var packs = new List<List<int>>();
        var rooms = new SortedSet<(int Room, int Pack)>();
        foreach (var document in longestFirst)
        {
            var length = lengths[document];
            var pack = TakeTightest(rooms, length, out var room);
            if (pack < 0)
            {
                (pack, room) = (packs.Count, budget);
                packs.Add([]);
            }

            packs[pack].Add(document);
            rooms.Add((Math.Max(0, room - length), pack));
        }

        return [.. packs.Select(pack => pack.Order().ToArray())];
    }

    private static int TakeTightest(SortedSet<(int Room, int Pack)> rooms, int length, out int room)
    {
        foreach (var entry in rooms.GetViewBetween((length, 0), (int.MaxValue, int.MaxValue)))
        {
            rooms.Remove(entry);
            room = entry.Room;
            return entry.Pack;
        }

        room = 0;
        return -1;
    }
}
