using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>
/// Divides <see cref="AttentionWork"/> among blocks. Items are handed out in the order of heads, so that blocks read the same
/// keys and values at the same time, and a head's longest first, each to the least loaded block.
/// </summary>
internal sealed class AttentionDivision(AttentionWork work, BatchCapacity capacity)
{
    /// <summary>Fixed cost of an item, in steps: reading its own tiles and writing its result.</summary>
    private const int StepsOfItem = 2;

    private readonly WorkItem[] _tiles = new WorkItem[capacity.Tiles(work.TileTokens)];
    private readonly long[] _order = new long[capacity.Tiles(work.TileTokens)];
    private readonly int[] _blockOfItem = new int[(long)work.Heads * capacity.Tiles(work.TileTokens)];
    private readonly PriorityQueue<int, (long Steps, int Block)> _leastLoaded = new(work.Blocks);

    /// <summary>The most ints that a division takes.</summary>
    public long MostInts => work.Blocks + 1 + ((long)_blockOfItem.Length * WorkItem.Ints);

    /// <summary>For each block and the end the index of its first item, and then the items.</summary>
    /// <returns>Ints written.</returns>
    public int Divide(PackedBatch batch, Span<int> ints)
    {
        var tiles = Tiles(batch);
        var items = work.Heads * tiles;
        var starts = ints[..(work.Blocks + 1)];
        starts.Clear();
        _leastLoaded.Clear();
        for (var block = 0; block < work.Blocks; block++)
        {
            _leastLoaded.Enqueue(block, (0, block));
        }

        for (var item = 0; item < items; item++)
        {
            var key = _order[item % tiles];
            _leastLoaded.TryPeek(out var block, out var done);
            _leastLoaded.DequeueEnqueue(block, (done.Steps - (key >> 32) + StepsOfItem, block));
            _blockOfItem[item] = block;
            starts[block + 1]++;
        }

        for (var block = 0; block < work.Blocks; block++)
        {
            starts[block + 1] += starts[block];
        }

        Place(items, tiles, starts, MemoryMarshal.Cast<int, WorkItem>(ints.Slice(starts.Length, items * WorkItem.Ints)));
        return starts.Length + (items * WorkItem.Ints);
    }

    /// <summary>Groups the items by block, in the order in which they were handed out.</summary>
    private void Place(int items, int tiles, Span<int> starts, Span<WorkItem> placed)
    {
        for (var item = 0; item < items; item++)
        {
            placed[starts[_blockOfItem[item]]++] = _tiles[(int)_order[item % tiles]] with { Head = item / tiles };
        }

        // Each start has advanced to its block's end, the next one's start.
        for (var block = work.Blocks; block > 0; block--)
        {
            starts[block] = starts[block - 1];
        }

        starts[0] = 0;
    }

    /// <summary>The tiles of one head, and in what order to hand them out: minus their steps above their index.</summary>
    private int Tiles(PackedBatch batch)
    {
        var count = 0;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var (start, length) = (batch.DocumentStarts[d], batch.DocumentStarts[d + 1] - batch.DocumentStarts[d]);
            for (var first = 0; first < length; first += work.TileTokens)
            {
                var tile = new WorkItem(start + first, first, Math.Min(work.TileTokens, length - first), length, Head: 0);
                _tiles[count] = tile;
                _order[count] = ((long)-work.Steps(tile) << 32) | (uint)count;
                count++;
            }
        }

        _order.AsSpan(0, count).Sort();
        return count;
    }
}

/// <summary>The blocks' shares of an attention kernel's work, in device memory.</summary>
internal sealed class AttentionShares : BatchLists
{
    private readonly AttentionDivision _division;
    private readonly DeviceList _list;
    private readonly int _blocks;

    public AttentionShares(CudaBatch batch, AttentionWork work)
    {
        (_division, _blocks) = (new AttentionDivision(work, batch.Capacity), work.Blocks);
        _list = new DeviceList(batch.Memory, _division.MostInts);
    }

    /// <summary>[blocks + 1] where in <see cref="Items"/> each block's share begins.</summary>
    public nint Starts => _list.Address;

    /// <summary>The items.</summary>
    public nint Items => _list.Address + ((_blocks + 1) * sizeof(int));

    protected override void Fill(CudaBatch batch)
    {
        _list.Clear();
        _list.Take(_division.Divide(batch.Batch, _list.Room));
        _list.Upload();
    }

    public override void Dispose() => _list.Dispose();
}
