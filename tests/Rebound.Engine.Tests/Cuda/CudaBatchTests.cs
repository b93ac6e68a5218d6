using System.Runtime.InteropServices;
using Rebound.Engine.Cuda;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Cuda;

/// <summary>The lists that kernels read, in host memory; no GPU is needed to make them.</summary>
public sealed unsafe class CudaBatchTests : IDisposable
{
    private const int Pages = 8;

    private readonly HostLists _memory = new();
    private readonly CudaBatch _batch;

    public CudaBatchTests() =>
        _batch = new CudaBatch(new Device("GPU 0, none"), new BatchCapacity(Tokens: 600, Documents: 4, Pages), _memory, () => { });

    public static TheoryData<int[], int[]> Batches => new()
    {
        { [1], [0] }, { [200, 1, 65], [0, 130, 20] }, { [17, 16, 15, 64], [0, 100, 192, 3] },
        { [1, 1, 1, 1], [255, 256, 64, 63] }, { [130, 470], [0, 0] },
    };

    [Theory]
    [MemberData(nameof(Batches))]
    public void Lists_hold_what_kernels_ask_of_a_batch(int[] lengths, int[] firstPositions)
    {
        var batch = Fill(lengths, firstPositions);
        var starts = batch.DocumentStarts.ToArray();
        var documents = Enumerable.Range(0, lengths.Length).SelectMany(d => Enumerable.Repeat(d, lengths[d])).ToArray();
        Assert.Equal(batch.Tokens, Ints(_batch.Tokens, batch.TokenCount));
        Assert.Equal(batch.Positions, Ints(_batch.Positions, batch.TokenCount));
        Assert.Equal(batch.Targets, Ints(_batch.Targets, batch.Targets.Length));
        Assert.Equal(batch.SupervisedRows, Ints(_batch.SelectedRows, batch.SupervisedRows.Length));
        Assert.Equal(documents, Ints(_batch.Documents, batch.TokenCount));
        Assert.Equal(documents.Select(d => starts[d]), Ints(_batch.DocumentEnds.FirstRows, batch.TokenCount).ToArray());
        Assert.Equal(documents.Select(d => starts[d + 1]), Ints(_batch.DocumentEnds.EndRows, batch.TokenCount).ToArray());

        var tokens = batch.Tokens.ToArray();
        var byToken = Enumerable.Range(0, tokens.Length).OrderBy(row => tokens[row]).ToArray();
        var distinct = tokens.Distinct().Order().ToArray();
        Assert.Equal(byToken, Ints(_batch.Occurrences.Rows, tokens.Length));
        Assert.Equal(distinct, Ints(_batch.Occurrences.Tokens.Address, _batch.Occurrences.Tokens.Count));
        int[] begins = [.. distinct.Select(token => Array.FindIndex(byToken, row => tokens[row] == token)), tokens.Length];
        Assert.Equal(begins, Ints(_batch.Occurrences.Starts, begins.Length));
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Tiles_come_in_the_order_of_their_work(int[] lengths, int[] firstPositions)
    {
        var batch = Fill(lengths, firstPositions);
        var tiles = (from d in Enumerable.Range(0, lengths.Length)
                     from t in Enumerable.Range(0, (lengths[d] + 63) / 64)
                     select (Document: d, Position: 64 * t, Count: Math.Min(64, lengths[d] - (64 * t)))).ToArray();
        var starts = batch.DocumentStarts.ToArray();
        Assert.Equal(
            tiles.OrderByDescending(t => t.Position + t.Count)
                .Select(t => new TileEntry(starts[t.Document] + t.Position, t.Position, t.Count, t.Document)),
            Entries(_batch.QueryTiles));
        Assert.Equal(
            tiles.OrderByDescending(t => lengths[t.Document] - t.Position)
                .Select(t => new TileEntry(starts[t.Document] + t.Position, t.Position, t.Count, lengths[t.Document])),
            Entries(_batch.KeyTiles));
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Every_query_over_a_cache_is_in_one_tile_or_split_over_all_keys_that_it_sees(int[] lengths, int[] firstPositions)
    {
        var batch = Fill(lengths, firstPositions);
        foreach (var work in new[] { new CacheWork(0, Tiled: true), new CacheWork(0, Tiled: false), new CacheWork(70, Tiled: true) })
        {
            var splits = _batch.Splits(work);
            var seen = new int[batch.TokenCount];
            foreach (var tile in Entries(splits.Tiles))
            {
                Assert.Equal(batch.Positions[tile.X], tile.Y);
                Assert.InRange(tile.X + tile.Z, batch.DocumentStarts[tile.W] + 1, batch.DocumentStarts[tile.W + 1]);
                Enumerable.Range(tile.X, tile.Z).ToList().ForEach(row => seen[row]++);
            }

            var tasks = Entries(splits.Tasks);
            foreach (var query in Entries(splits.Queries))
            {
                seen[query.X]++;
                var end = batch.Positions[query.X] + 1;
                var next = work.Window > 0 ? Math.Max(0, end - work.Window) : 0;
                foreach (var task in tasks[query.Y..query.Z])
                {
                    Assert.Equal((query.X, next), (task.X, task.Y));
                    Assert.InRange(task.Z - task.Y, 1, 256);
                    Assert.Equal(Ints(_batch.CachePages.Starts, lengths.Length).IndexOf(task.W), Document(batch, query.X));
                    next = task.Z;
                }

                Assert.Equal(end, next);
            }

            Assert.All(seen, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void Pages_are_rows_of_a_table_and_tokens_have_slots_in_them()
    {
        _batch.Refill(new PackedBatch(new int[66], [0, 65, 66], firstPositions: [0, 70]), [], new PageTable([[7, 2], [5, 3, 9]]));
        Assert.Equal([7, 2, 0, 0, 0, 0, 0, 0, 5, 3, 9, 0, 0, 0, 0, 0], Ints(_batch.CachePages.Pages, 2 * Pages));
        Assert.Equal([0, Pages], Ints(_batch.CachePages.Starts, 2));
        Assert.Equal([.. Enumerable.Range(7 * 64, 64), 2 * 64, (3 * 64) + 6], Ints(_batch.Slots, 66));
    }

    [Fact]
    public void A_refill_keeps_every_address_fills_a_list_once_when_it_is_asked_for_and_allocates_nothing()
    {
        var first = Fill([200, 40], [0, 0]);
        var sum = Use();
        var second = Numbers.Batch([33, 20, 100], vocabulary: 90, seed: 2);
        var (third, table) = (Numbers.Batch([7, 7]), new PageTable([[1, 2, 3], [4]]));
        _batch.Refill(third, third.SupervisedRows, table);
        Assert.Equal(sum, Use());
        var before = GC.GetAllocatedBytesForCurrentThread();
        _batch.Refill(second, second.SupervisedRows);
        _batch.Refill(first, first.SupervisedRows);
        _batch.Refill(third, third.SupervisedRows, table);
        var again = Use();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(sum, again);
        _memory.Writes = 0;
        _batch.Refill(first, first.SupervisedRows);
        Assert.Equal(0, _memory.Writes);
        Use();
        var written = _memory.Writes;
        Assert.True(written > 0);
        Use();
        Assert.Equal(written, _memory.Writes);
        Assert.Equal(first.Tokens, Ints(_batch.Tokens, first.TokenCount));
    }

    [Fact]
    public void The_device_is_sent_what_it_does_not_have()
    {
        var batch = Fill([5, 9], [0, 70]);
        Use();
        _memory.Writes = 0;
        Fill([5, 9], [0, 70]);
        Use();
        Assert.Equal(0, _memory.Writes);
        _batch.ForgetTokens();
        Fill([5, 9], [0, 70]);
        Use();
        Assert.Equal(1, _memory.Writes);
        Assert.Equal(batch.Tokens, Ints(_batch.Tokens, batch.TokenCount));
    }

    [Fact]
    public void Deriving_makes_the_lists_that_were_asked_for_before_and_no_others()
    {
        Fill([3], [0]);
        var (tokens, slots) = (_batch.Tokens, _batch.Slots);
        var batch = Fill([1, 1], [70, 5]);
        _batch.ForgetTokens();
        _memory.Writes = 0;
        _batch.Derive();
        Assert.Equal(2, _memory.Writes);
        Assert.Equal(batch.Tokens, Ints(tokens, 2));
        Assert.Equal([(1 * 64) + 6, (10 * 64) + 5], Ints(slots, 2));
        Assert.Equal((tokens, slots, 2), (_batch.Tokens, _batch.Slots, _memory.Writes));
    }

    public void Dispose()
    {
        _batch.Dispose();
        _memory.AssertFreed();
    }

    /// <summary>Asks for every list; the sum of their addresses.</summary>
    private nint Use() =>
        _batch.Tokens + _batch.Positions + _batch.Targets + _batch.SelectedRows + _batch.DocumentEnds.FirstRows + _batch.Occurrences.Rows
        + _batch.QueryTiles.Address + _batch.KeyTiles.Address + _batch.Slots + _batch.CachePages.Pages
        + _batch.Shares(new AttentionWork(OfKeys: true, Heads: 2, Window: 0, TileTokens: 128, Blocks: 5)).Starts
        + _batch.Splits(new CacheWork(0, Tiled: true)).Tasks.Address;

    private PackedBatch Fill(int[] lengths, int[] firstPositions)
    {
        var batch = Numbers.Batch(lengths, firstPositions: firstPositions);
        var pages = lengths.Select((length, d) => Enumerable.Range(10 * d, (firstPositions[d] + length + 63) / 64).ToArray());
        _batch.Refill(batch, batch.SupervisedRows, new PageTable(pages));
        return batch;
    }

    private static int Document(PackedBatch batch, int row)
    {
        var document = 0;
        while (batch.DocumentStarts[document + 1] <= row)
        {
            document++;
        }

        return document;
    }

    private static ReadOnlySpan<int> Ints(nint address, int count) => new((void*)address, count);

    private static TileEntry[] Entries((nint Address, int Count) list) =>
        MemoryMarshal.Cast<int, TileEntry>(Ints(list.Address, TileEntry.Ints * list.Count)).ToArray();

    private sealed class HostLists : IListMemory
    {
        private readonly HashSet<nint> _live = [];

        public int Writes { get; set; }

        public nint Allocate(long bytes)
        {
            var address = (nint)NativeMemory.Alloc((nuint)bytes);
            _live.Add(address);
            return address;
        }

        public void Free(nint address)
        {
            Assert.True(_live.Remove(address));
            NativeMemory.Free((void*)address);
        }

        public void Upload(nint destination, ReadOnlySpan<byte> source)
        {
            Writes++;
            source.CopyTo(new Span<byte>((void*)destination, source.Length));
        }

        public void AssertFreed() => Assert.Empty(_live);
    }
}
