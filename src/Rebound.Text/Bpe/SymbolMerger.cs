namespace Rebound.Text.Bpe;

/// <summary>
/// Byte-pair merging: of all neighbouring symbols that merge, the pair of lowest rank, leftmost among equals, becomes
/// one symbol, until none merges (Sennrich et al., 2016, https://arxiv.org/abs/1508.07909). Short words are scanned for
/// the lowest rank; long ones keep a heap and a linked list, n log n in all. Keeps its buffers, so it is one thread's.
/// </summary>
internal sealed class SymbolMerger(MergeTable merges)
{
    /// <summary>Above this many symbols the heap is faster than the scan.</summary>
    private const int LongestScanned = 64;

    private readonly int[] _ranks = new int[LongestScanned];
    private Node[] _nodes = [];
    private ulong[] _heap = [];
    private int _heapCount;

    /// <summary>Merges <paramref name="symbols"/> in place and returns how many are left, at the front.</summary>
    public int MergeAll(Span<int> symbols) =>
        symbols.Length <= LongestScanned ? MergeByScanning(symbols) : MergeByHeap(symbols);

    /// <summary>Quadratic, and the fastest for the few symbols of a word.</summary>
    internal int MergeByScanning(Span<int> symbols)
    {
        var count = symbols.Length;
        var ranks = _ranks.AsSpan();
        for (var i = 0; i + 1 < count; i++)
        {
            ranks[i] = merges.RankOf(symbols[i], symbols[i + 1]);
        }

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best])
                {
                    best = i;
                }
            }

            if (ranks[best] == MergeTable.NoRank)
            {
                break;
            }

            symbols[best] = merges.MergedId(ranks[best]);
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            if (best + 1 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                ranks[best] = merges.RankOf(symbols[best], symbols[best + 1]);
            }

            if (best > 0)
            {
                ranks[best - 1] = merges.RankOf(symbols[best - 1], symbols[best]);
            }
        }

        return count;
    }

    /// <summary>
    /// Heap entries are rank and position in one number, so that the least is the pair to merge. An entry whose pair has
    /// changed since is skipped: its rank is no longer the one that its position holds.
    /// </summary>
    internal int MergeByHeap(Span<int> symbols)
    {
        var count = symbols.Length;
        if (_nodes.Length < count)
        {
            _nodes = new Node[count];
            _heap = new ulong[2 * count];
        }

        _heapCount = 0;
        for (var i = 0; i < count; i++)
        {
            var rank = i + 1 < count ? merges.RankOf(symbols[i], symbols[i + 1]) : MergeTable.NoRank;
            _nodes[i] = new Node { Previous = i - 1, Next = i + 1 < count ? i + 1 : -1, Rank = rank };
            if (rank != MergeTable.NoRank)
            {
                _heap[_heapCount++] = Entry(rank, i);
            }
        }

        for (var i = (_heapCount / 2) - 1; i >= 0; i--)
        {
            SiftDown(i, _heap[i]);
        }

        while (_heapCount > 0)
        {
            var top = _heap[0];
            PopTop();
            var at = (int)(uint)top;
            if (_nodes[at].Rank == (int)(top >> 32))
            {
                MergeAt(symbols, at);
            }
        }

        var kept = 0;
        for (var i = count == 0 ? -1 : 0; i >= 0; i = _nodes[i].Next)
        {
            symbols[kept++] = symbols[i];
        }

        return kept;
    }

    private void MergeAt(Span<int> symbols, int at)
    {
        ref var node = ref _nodes[at];
        var absorbed = node.Next;
        symbols[at] = merges.MergedId(node.Rank);
        node.Next = _nodes[absorbed].Next;
        _nodes[absorbed].Rank = MergeTable.NoRank;
        if (node.Next >= 0)
        {
            _nodes[node.Next].Previous = at;
        }

        Update(symbols, at);
        if (node.Previous >= 0)
        {
            Update(symbols, node.Previous);
        }
    }

    /// <summary>Looks the pair that begins at <paramref name="at"/> up again.</summary>
    private void Update(Span<int> symbols, int at)
    {
        ref var node = ref _nodes[at];
        node.Rank = node.Next >= 0 ? merges.RankOf(symbols[at], symbols[node.Next]) : MergeTable.NoRank;
        if (node.Rank != MergeTable.NoRank)
        {
            Push(Entry(node.Rank, at));
        }
    }

    private static ulong Entry(int rank, int at) => ((ulong)(uint)rank << 32) | (uint)at;

    private void Push(ulong entry)
    {
        if (_heapCount == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * _heapCount);
        }

        var hole = _heapCount++;
        while (hole > 0 && _heap[(hole - 1) / 2] > entry)
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _heap[hole] = entry;
    }

    private void PopTop()
    {
        var last = _heap[--_heapCount];
        if (_heapCount > 0)
        {
            SiftDown(0, last);
        }
    }

    private void SiftDown(int hole, ulong entry)
    {
        var heap = _heap;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= _heapCount)
            {
                break;
            }

            if (child + 1 < _heapCount && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= entry)
            {
                break;
            }

            heap[hole] = heap[child];
            hole = child;
        }

        heap[hole] = entry;
    }

    private struct Node
    {
        public int Previous;
        public int Next;
        public int Rank;
    }
}
