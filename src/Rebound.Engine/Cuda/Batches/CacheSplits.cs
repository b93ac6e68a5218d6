namespace Rebound.Engine.Cuda;

/// <summary>
/// How the queries of a batch over a cache are divided over blocks: documents with many new tokens in tiles of queries, the
/// others in splits of keys.
/// </summary>
internal sealed class CacheSplits(CudaBatch batch, CacheWork work) : BatchLists
{
    /// <summary>Keys of one split: enough for a block's work to outweigh the joining, few enough to fill the GPU.</summary>
    public const int SplitKeys = 256;

    /// <summary>Fewest new tokens of a document whose queries go to tensor cores.</summary>
    private const int TiledQueries = 16;

    private readonly DeviceList _tiles = new(batch.Memory, (long)TileCapacity(batch, work) * TileEntry.Ints);
    private readonly DeviceList _tasks = new(batch.Memory, QueryCapacity(batch, work) * SplitsOfQuery(batch) * TileEntry.Ints);
    private readonly DeviceList _queries = new(batch.Memory, QueryCapacity(batch, work) * TileEntry.Ints);
    private readonly EntrySort _sort = new(TileCapacity(batch, work));

    /// <summary>Tiles of queries: row, position, tokens, sequence.</summary>
    public (nint Address, int Count) Tiles => (_tiles.Address, _tiles.EntryCount);

    /// <summary>Splits: row, first key, key after the last, where in the list of pages the sequence begins.</summary>
    public (nint Address, int Count) Tasks => (_tasks.Address, _tasks.EntryCount);

    /// <summary>Queries that are split: row, first task, task after the last, 0.</summary>
    public (nint Address, int Count) Queries => (_queries.Address, _queries.EntryCount);

    protected override void Fill(CudaBatch batch)
    {
        _sort.Clear();
        _tiles.Clear();
        _tasks.Clear();
        _queries.Clear();
        var starts = batch.Batch.DocumentStarts;
        var positions = batch.Batch.Positions;
        for (var d = 0; d < batch.Pages?.Sequences; d++)
        {
            if (work.Tiled && starts[d + 1] - starts[d] >= TiledQueries)
            {
                AddTiles(d, starts[d], starts[d + 1], positions);
            }
            else
            {
                AddSplits(d * batch.Capacity.SequencePages, starts[d], starts[d + 1], positions);
            }
        }

        _sort.CopyTo(_tiles);
        _tiles.Upload();
        _tasks.Upload();
        _queries.Upload();
    }

    public override void Dispose()
    {
        _tiles.Dispose();
        _tasks.Dispose();
        _queries.Dispose();
    }

    private static int TileCapacity(CudaBatch batch, CacheWork work) =>
        work.Tiled ? batch.Capacity.Tiles(AttentionTiles.TileTokens) : 0;

    /// <summary>Queries that may have to be split.</summary>
    private static long QueryCapacity(CudaBatch batch, CacheWork work) => work.Tiled
        ? Math.Min(batch.Capacity.Tokens, (TiledQueries - 1L) * batch.Capacity.Documents)
        : batch.Capacity.Tokens;

    /// <summary>The most splits of a query: those of one that sees all keys.</summary>
    private static long SplitsOfQuery(CudaBatch batch) =>
        (((long)batch.Capacity.SequencePages * PageTable.PageTokens) + SplitKeys - 1) / SplitKeys;

    private void AddTiles(int document, int start, int end, ReadOnlySpan<int> positions)
    {
        for (var row = start; row < end; row += AttentionTiles.TileTokens)
        {
            var tile = new TileEntry(row, positions[row], Math.Min(AttentionTiles.TileTokens, end - row), document);
            _sort.Add(tile, cost: tile.Y + tile.Z);
        }
    }

    private void AddSplits(int firstPage, int start, int end, ReadOnlySpan<int> positions)
    {
        for (var row = start; row < end; row++)
        {
            var (firstTask, limit) = (_tasks.EntryCount, positions[row] + 1);
            for (var key = work.Window > 0 ? Math.Max(0, limit - work.Window) : 0; key < limit; key += SplitKeys)
            {
                _tasks.Add(new TileEntry(row, key, Math.Min(limit, key + SplitKeys), firstPage));
            }

            _queries.Add(new TileEntry(row, firstTask, _tasks.EntryCount, 0));
        }
    }
}

/// <summary>The parameters of a division of a batch's queries over a cache.</summary>
/// <param name="Window">0 for none.</param>
/// <param name="Tiled">Whether documents with many new tokens go to tensor cores.</param>
internal readonly record struct CacheWork(int Window, bool Tiled);
