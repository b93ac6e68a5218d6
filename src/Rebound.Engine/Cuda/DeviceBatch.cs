using System.Numerics;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>
/// What kernels need of a packed batch, in device memory: each list is made and copied when first asked for, and serves
/// all layers and both passes.
/// </summary>
internal sealed class DeviceBatch(Staging staging) : IDisposable
{
    /// <summary>Queries or keys of one tile of the tensor core kernels.</summary>
    public const int TileTokens = 64;

    private readonly Dictionary<BatchPart, DeviceList> _parts = [];
    private readonly Dictionary<AttentionWork, DeviceList> _work = [];

    public PackedBatch? Batch { get; private set; }

    /// <summary>The cache's lists for this batch.</summary>
    public CachePlan Cache { get; } = new(staging);

    /// <summary>Starts over for another batch, with the memory of the one before.</summary>
    public void Reset(PackedBatch batch)
    {
        Batch = batch;
        Cache.Forget();
        foreach (var list in _parts.Values.Concat(_work.Values))
        {
            list.Forget();
        }
    }

    /// <summary>Address and length in ints of a list.</summary>
    public (nint Address, int Count) this[BatchPart part]
    {
        get
        {
            var list = ListOf(_parts, part);
            if (!list.IsKnown)
            {
                list.Set(Make(Batch!, part));
            }

            return (list.Address, list.Count);
        }
    }

    /// <summary>Addresses of the blocks' shares of an attention kernel's work, and of its items.</summary>
    public (nint Shares, nint Items) this[AttentionWork work]
    {
        get
        {
            var list = ListOf(_work, work);
            if (!list.IsKnown)
            {
                list.Set(work.Divide(Batch!));
            }

            return (list.Address, list.Address + ((work.Blocks + 1) * sizeof(int)));
        }
    }

    public void Dispose()
    {
        Cache.Dispose();
        foreach (var list in _parts.Values.Concat(_work.Values))
        {
            list.Dispose();
        }
    }

    private DeviceList ListOf<T>(Dictionary<T, DeviceList> lists, T key)
        where T : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = new DeviceList(staging));
        }

        return list;
    }

    private static ReadOnlySpan<int> Make(PackedBatch batch, BatchPart part) => part switch
    {
        BatchPart.Tokens => batch.Tokens,
        BatchPart.Positions => batch.Positions,
        BatchPart.FirstRows => PerRow(batch, (start, _) => start),
        BatchPart.EndRows => PerRow(batch, (_, end) => end),
        BatchPart.Targets => batch.Targets,
        BatchPart.SortedRows => RowsByToken(batch),
        BatchPart.TokenStarts => (int[])[.. StartsOfTokens(batch), batch.TokenCount],
        BatchPart.DistinctTokens => DistinctTokens(batch),
        BatchPart.QueryTiles => Tiles(batch, tile => -(tile.Position + tile.Count), tile => tile.Document),
        BatchPart.KeyTiles => Tiles(batch, tile => tile.Position - tile.Length, tile => tile.Length),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Unknown part of a batch."),
    };

    private static int[] PerRow(PackedBatch batch, Func<int, int, int> value)
    {
        var rows = new int[batch.TokenCount];
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var (start, end) = (batch.DocumentStarts[d], batch.DocumentStarts[d + 1]);
            rows.AsSpan(start, end - start).Fill(value(start, end));
        }

        return rows;
    }

    /// <summary>Rows ordered by their token, rows of the same token in their own order.</summary>
    private static int[] RowsByToken(PackedBatch batch)
    {
        var rows = Enumerable.Range(0, batch.TokenCount).ToArray();
        var keys = new long[rows.Length];
        for (var t = 0; t < rows.Length; t++)
        {
            keys[t] = ((long)batch.Tokens[t] << 32) | (uint)t;
        }

        Array.Sort(keys, rows);
        return rows;
    }

    /// <summary>Where in the sorted rows each distinct token begins.</summary>
    private static List<int> StartsOfTokens(PackedBatch batch)
    {
        var rows = RowsByToken(batch);
        var starts = new List<int>();
        for (var i = 0; i < rows.Length; i++)
        {
            if (i == 0 || batch.Tokens[rows[i]] != batch.Tokens[rows[i - 1]])
            {
                starts.Add(i);
            }
        }

        return starts;
    }

    private static int[] DistinctTokens(PackedBatch batch)
    {
        var tokens = batch.Tokens.ToArray();
        Array.Sort(tokens);
        return [.. tokens.Distinct()];
    }

    private static ReadOnlySpan<int> Tiles(PackedBatch batch, Func<Tile, int> order, Func<Tile, int> last)
    {
        var tiles = new List<Tile>();
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var (start, end) = (batch.DocumentStarts[d], batch.DocumentStarts[d + 1]);
            for (var row = start; row < end; row += TileTokens)
            {
                tiles.Add(new Tile(row, row - start, Math.Min(TileTokens, end - row), d, end - start));
            }
        }

        var entries = tiles.OrderBy(order).Select(tile => new TileEntry(tile.Row, tile.Position, tile.Count, last(tile))).ToArray();
        return MemoryMarshal.Cast<TileEntry, int>(entries);
    }

    private readonly record struct Tile(int Row, int Position, int Count, int Document, int Length);
}

/// <summary>An <c>int4</c> of the kernels: four facts that each kernel names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TileEntry(int X, int Y, int Z, int W)
{
    public const int Ints = 4;
}

/// <summary>Lists that are made of a packed batch.</summary>
internal enum BatchPart
{
    /// <summary>[T] token ids.</summary>
    Tokens,

    /// <summary>[T] positions.</summary>
    Positions,

    /// <summary>[T] the first row of each row's document.</summary>
    FirstRows,

    /// <summary>[T] the row after the last of each row's document.</summary>
    EndRows,

    /// <summary>[S].</summary>
    Targets,

    /// <summary>[T] rows ordered by token.</summary>
    SortedRows,

    /// <summary>[distinct tokens + 1] where in <see cref="SortedRows"/> each begins.</summary>
    TokenStarts,

    /// <summary>[distinct tokens] in ascending order.</summary>
    DistinctTokens,

    /// <summary>Tiles of 64 queries, those with the most keys first: row, position, tokens, document.</summary>
    QueryTiles,

    /// <summary>Tiles of 64 keys, those with the most queries first: row, position, tokens, length of the document.</summary>
    KeyTiles,
}

/// <summary>A list of ints in device memory.</summary>
internal sealed class DeviceList(Staging staging) : IDisposable
{
    private const int SmallestCount = 64;

    private readonly DeviceBuffer _buffer = staging.NewBuffer();

    public nint Address { get; private set; }

    public int Count { get; private set; }

    public bool IsKnown { get; private set; }

    public void Set(ReadOnlySpan<int> values)
    {
        Address = _buffer.Reserve(BitOperations.RoundUpToPowerOf2((uint)Math.Max(values.Length, SmallestCount)) * sizeof(int));
        Count = values.Length;
        IsKnown = true;
        staging.Upload(Address, MemoryMarshal.AsBytes(values));
    }

    public void Forget() => IsKnown = false;

    public void Dispose() => _buffer.Dispose();
}
