namespace Rebound.Engine.Cuda;

/// <summary>Tiles of queries, or of keys, one for each block of a tensor core kernel.</summary>
/// <param name="ofKeys">Of keys; else of queries.</param>
internal sealed class AttentionTiles(CudaBatch batch, bool ofKeys) : BatchLists
{
    /// <summary>Queries or keys of one tile.</summary>
    public const int TileTokens = 64;

    private readonly DeviceList _list = new(batch.Memory, (long)batch.Capacity.Tiles(TileTokens) * TileEntry.Ints);
    private readonly EntrySort _sort = new(batch.Capacity.Tiles(TileTokens));

    /// <summary>
    /// Of queries, those with the most keys first: row, position, tokens, document. Of keys, those with the most queries first:
    /// row, position, tokens, length of the document.
    /// </summary>
    public (nint Address, int Count) Entries => (_list.Address, _list.EntryCount);

    protected override void Fill(CudaBatch batch)
    {
        _sort.Clear();
        var starts = batch.Batch.DocumentStarts;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var length = starts[d + 1] - starts[d];
            for (var position = 0; position < length; position += TileTokens)
            {
                var count = Math.Min(TileTokens, length - position);
                var entry = new TileEntry(starts[d] + position, position, count, ofKeys ? length : d);
                _sort.Add(entry, cost: ofKeys ? length - position : position + count);
            }
        }

        _list.Clear();
        _sort.CopyTo(_list);
        _list.Upload();
    }

    public override void Dispose() => _list.Dispose();
}

/// <summary>Sorts entries by cost, the highest first; a stable sort.</summary>
internal sealed class EntrySort(int capacity)
{
    private readonly long[] _keys = new long[capacity];
    private readonly TileEntry[] _entries = new TileEntry[capacity];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(TileEntry entry, int cost)
    {
        _keys[_count] = ((long)-cost << 32) | (uint)_count;
        _entries[_count++] = entry;
    }

    public void CopyTo(DeviceList list)
    {
        var keys = _keys.AsSpan(0, _count);
        keys.Sort();
        foreach (var key in keys)
        {
            list.Add(_entries[(int)key]);
        }
    }
}
