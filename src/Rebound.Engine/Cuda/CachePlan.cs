using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>
/// Where a batch's tokens go in the pages of a cache, and how its queries are divided over blocks: documents with many
/// new tokens in tiles of queries, the others in splits of keys.
/// </summary>
internal sealed class CachePlan(Staging staging) : IDisposable
{
    /// <summary>Keys of one split: enough for a block's work to outweigh the joining, few enough to fill the GPU.</summary>
    public const int SplitKeys = 256;

    /// <summary>From how many new tokens on a document's queries go to tensor cores.</summary>
    private const int TiledQueries = 16;

    private readonly DeviceList _pages = new(staging);
    private readonly DeviceList _pageStarts = new(staging);
    private readonly DeviceList _slots = new(staging);
    private readonly DeviceList _tiles = new(staging);
    private readonly DeviceList _tasks = new(staging);
    private readonly DeviceList _queries = new(staging);
    private int[] _known = [];
    private (int Window, bool Tiled) _divided;

    /// <summary>Pages of all sequences, one after the other.</summary>
    public nint Pages => _pages.Address;

    /// <summary>[sequences] where in <see cref="Pages"/> each sequence begins.</summary>
    public nint PageStarts => _pageStarts.Address;

    /// <summary>[T] page · <see cref="PageTable.PageTokens"/> + place of every token.</summary>
    public nint Slots => _slots.Address;

    /// <summary>Tiles of queries: row, position, tokens, sequence.</summary>
    public (nint Address, int Count) Tiles => (_tiles.Address, _tiles.Count / TileEntry.Ints);

    /// <summary>Splits: row, first key, key after the last, where in <see cref="Pages"/> the sequence begins.</summary>
    public (nint Address, int Count) Tasks => (_tasks.Address, _tasks.Count / TileEntry.Ints);

    /// <summary>Queries that are split: row, first task, task after the last, 0.</summary>
    public (nint Address, int Count) Queries => (_queries.Address, _queries.Count / TileEntry.Ints);

    public void Forget()
    {
        _known = [];
        _tiles.Forget();
    }

    /// <summary>Makes sure that pages and slots are those of this table.</summary>
    public void Place(PackedBatch batch, PageTable table)
    {
        var flat = Flatten(table);
        if (flat.AsSpan().SequenceEqual(_known))
        {
            return;
        }

        _known = flat;
        _tiles.Forget();
        _pages.Set(flat.AsSpan(table.Sequences));
        _pageStarts.Set(flat.AsSpan(0, table.Sequences));
        var slots = new int[batch.TokenCount];
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var pages = table.Pages(d);
            for (var t = batch.DocumentStarts[d]; t < batch.DocumentStarts[d + 1]; t++)
            {
                var (page, place) = Math.DivRem(batch.Positions[t], PageTable.PageTokens);
                slots[t] = checked((pages[page] * PageTable.PageTokens) + place);
            }
        }

        _slots.Set(slots);
    }

    /// <summary>Makes sure that the queries are divided; after <see cref="Place"/>.</summary>
    /// <param name="tiled">Whether documents with many new tokens go to tensor cores.</param>
    public void Divide(PackedBatch batch, int window, bool tiled)
    {
        if (_tiles.IsKnown && _divided == (window, tiled))
        {
            return;
        }

        _divided = (window, tiled);
        var (tiles, tasks, queries) = (new List<TileEntry>(), new List<TileEntry>(), new List<TileEntry>());
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var (start, end) = (batch.DocumentStarts[d], batch.DocumentStarts[d + 1]);
            if (tiled && end - start >= TiledQueries)
            {
                for (var row = start; row < end; row += DeviceBatch.TileTokens)
                {
                    tiles.Add(new TileEntry(row, batch.Positions[row], Math.Min(DeviceBatch.TileTokens, end - row), d));
                }

                continue;
            }

            for (var row = start; row < end; row++)
            {
                var (firstTask, limit) = (tasks.Count, batch.Positions[row] + 1);
                for (var key = window > 0 ? Math.Max(0, limit - window) : 0; key < limit; key += SplitKeys)
                {
                    tasks.Add(new TileEntry(row, key, Math.Min(limit, key + SplitKeys), _known[d]));
                }

                queries.Add(new TileEntry(row, firstTask, tasks.Count, 0));
            }
        }

        Set(_tiles, tiles.OrderByDescending(tile => tile.Y + tile.Z).ToArray());
        Set(_tasks, CollectionsMarshal.AsSpan(tasks));
        Set(_queries, CollectionsMarshal.AsSpan(queries));
    }

    public void Dispose()
    {
        _pages.Dispose();
        _pageStarts.Dispose();
        _slots.Dispose();
        _tiles.Dispose();
        _tasks.Dispose();
        _queries.Dispose();
    }

    private static void Set(DeviceList list, ReadOnlySpan<TileEntry> entries) => list.Set(MemoryMarshal.Cast<TileEntry, int>(entries));

    /// <summary>The start of every sequence's pages, then the pages.</summary>
    private static int[] Flatten(PageTable table)
    {
        var count = 0;
        for (var d = 0; d < table.Sequences; d++)
        {
            count += table.Pages(d).Length;
        }

        var flat = new int[table.Sequences + count];
        var start = 0;
        for (var d = 0; d < table.Sequences; d++)
        {
            flat[d] = start;
            table.Pages(d).CopyTo(flat.AsSpan(table.Sequences + start));
            start += table.Pages(d).Length;
        }

        return flat;
    }
}
