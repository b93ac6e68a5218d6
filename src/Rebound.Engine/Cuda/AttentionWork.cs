using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>
/// The work of an attention kernel whose blocks stay: every tile of every document for every head, divided among the
/// blocks so that each has nearly as many steps to do.
/// </summary>
/// <param name="OfKeys">Tiles are of keys, and their steps go over the queries that see them; else the other way round.</param>
/// <param name="Heads">Heads that own tiles: of keys, or of queries.</param>
/// <param name="Window">0 for none.</param>
/// <param name="TileTokens">Tokens of a tile: a multiple of <see cref="StepTokens"/>.</param>
/// <param name="Blocks">The most blocks that are of use.</param>
internal readonly record struct AttentionWork(bool OfKeys, int Heads, int Window, int TileTokens, int Blocks)
{
    private const int StepTokens = 64;

    /// <summary>What an item costs beside its steps, in steps: its own tiles are read, and its result is written.</summary>
    private const int StepsOfItem = 2;

    /// <summary>
    /// Ints: for each block and the end the index of its first item, and then the items (<see cref="WorkItem"/>). Items are
    /// handed out in the order of heads, so that blocks read the same keys and values at the same time, and a head's
    /// longest first, each to the block that has the least to do.
    /// </summary>
    public int[] Divide(PackedBatch batch)
    {
        var tiles = Tiles(batch);
        var shares = new List<WorkItem>[Blocks];
        var leisure = new PriorityQueue<int, (long Steps, int Block)>();
        for (var block = 0; block < Blocks; block++)
        {
            shares[block] = [];
            leisure.Enqueue(block, (0, block));
        }

        for (var head = 0; head < Heads; head++)
        {
            foreach (var (tile, steps) in tiles)
            {
                leisure.TryDequeue(out var block, out var done);
                shares[block].Add(tile with { Head = head });
                leisure.Enqueue(block, (done.Steps + steps + StepsOfItem, block));
            }
        }

        var starts = new List<int> { 0 };
        foreach (var share in shares)
        {
            starts.Add(starts[^1] + share.Count);
        }

        WorkItem[] items = [.. shares.SelectMany(share => share)];
        return [.. starts, .. MemoryMarshal.Cast<WorkItem, int>(items)];
    }

    private List<(WorkItem Tile, int Steps)> Tiles(PackedBatch batch)
    {
        var tiles = new List<(WorkItem Tile, int Steps)>();
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var (start, length) = (batch.DocumentStarts[d], batch.DocumentStarts[d + 1] - batch.DocumentStarts[d]);
            for (var first = 0; first < length; first += TileTokens)
            {
                var tile = new WorkItem(start + first, first, Math.Min(TileTokens, length - first), length, Head: 0);
                tiles.Add((tile, Steps(tile)));
            }
        }

        return [.. tiles.OrderByDescending(tile => tile.Steps)];
    }

    private int Steps(WorkItem tile)
    {
        var end = tile.First + tile.Count;
        var (first, last) = OfKeys
            ? (tile.First, Window > 0 ? Math.Min(tile.Length, end - 1 + Window) : tile.Length)
            : (Window > 0 ? Math.Max(0, tile.First - Window + 1) : 0, end);
        return ((last - 1) / StepTokens) - (first / StepTokens) + 1;
    }
}

/// <summary>An item as the kernels declare it (flash_hopper.cuh).</summary>
/// <param name="Row">Of the tile's first token.</param>
/// <param name="First">Its position in the document.</param>
/// <param name="Count">Tokens in the tile.</param>
/// <param name="Length">Tokens of the document.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WorkItem(int Row, int First, int Count, int Length, int Head);
