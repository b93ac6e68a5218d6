namespace Rebound.Text.Bpe;

/// <summary>
/// How often each pair of neighbouring symbols occurs in a weighted set of words, kept up to date as pairs merge: only the
/// words that hold the merged pair are looked at.
/// </summary>
internal sealed class PairStatistics
{
    private readonly List<int[]> _words = [];
    private readonly List<long> _weights = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long Count, int Left, int Right)> _queue = new();

    /// <param name="words">Words as symbols, and how often each occurs.</param>
    public PairStatistics(IEnumerable<(int[] Symbols, long Weight)> words)
    {
        foreach (var (symbols, weight) in words)
        {
            for (var i = 0; i + 1 < symbols.Length; i++)
            {
                var pair = (symbols[i], symbols[i + 1]);
                _counts[pair] = _counts.GetValueOrDefault(pair) + weight;
                NotePlace(pair, _words.Count);
            }

            _words.Add(symbols);
            _weights.Add(weight);
        }

        foreach (var (pair, count) in _counts)
        {
            Enqueue(pair, count);
        }
    }

    /// <summary>Takes the most frequent pair, of equals the one of lowest ids; false if no word has two symbols.</summary>
    public bool TryTakeMostFrequent(out int left, out int right, out long count)
    {
        while (_queue.TryDequeue(out var pair, out var priority))
        {
            count = _counts.GetValueOrDefault(pair);
            if (count == -priority.Count)
            {
                (left, right) = pair;
                return count > 0;
            }

            // Its count fell since it was queued. A count that rose was queued again then.
            if (count > 0 && count < -priority.Count)
            {
                Enqueue(pair, count);
            }
        }

        (left, right, count) = (0, 0, 0);
        return false;
    }

    /// <summary>Makes every occurrence of a pair the symbol <paramref name="merged"/>.</summary>
    public void Merge(int left, int right, int merged)
    {
        if (!_places.Remove((left, right), out var places))
        {
            return;
        }

        var changes = new Dictionary<(int Left, int Right), long>();
        foreach (var place in places)
        {
            var before = _words[place];
            var after = Replace(before, left, right, merged);
            if (after.Length == before.Length)
            {
                continue; // Noted twice, or another merge took it.
            }

            AddPairs(before, -_weights[place], changes);
            AddPairs(after, _weights[place], changes);
            _words[place] = after;
            for (var i = 0; i + 1 < after.Length; i++)
            {
                if (after[i] == merged || after[i + 1] == merged)
                {
                    NotePlace((after[i], after[i + 1]), place);
                }
            }
        }

        Apply(changes);
    }

    private void Apply(Dictionary<(int Left, int Right), long> changes)
    {
        foreach (var (pair, change) in changes)
        {
            var count = _counts.GetValueOrDefault(pair) + change;
            if (count == 0)
            {
                _counts.Remove(pair);
                continue;
            }

            _counts[pair] = count;
            if (change > 0)
            {
                Enqueue(pair, count);
            }
        }
    }

    private static void AddPairs(int[] symbols, long weight, Dictionary<(int Left, int Right), long> changes)
    {
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            changes[pair] = changes.GetValueOrDefault(pair) + weight;
        }
    }

    private static int[] Replace(int[] symbols, int left, int right, int merged)
    {
        var result = new List<int>(symbols.Length);
        for (var i = 0; i < symbols.Length; i++)
        {
            var isPair = i + 1 < symbols.Length && symbols[i] == left && symbols[i + 1] == right;
            result.Add(isPair ? merged : symbols[i]);
            i += isPair ? 1 : 0;
        }

        return [.. result];
    }

    private void NotePlace((int Left, int Right) pair, int word)
    {
        if (!_places.TryGetValue(pair, out var places))
        {
            _places.Add(pair, places = []);
        }

        if (places.Count == 0 || places[^1] != word)
        {
            places.Add(word);
        }
    }

    private void Enqueue((int Left, int Right) pair, long count) => _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
}
