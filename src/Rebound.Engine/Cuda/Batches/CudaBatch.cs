namespace Rebound.Engine.Cuda;

/// <summary>
/// A batch's lists in device memory, which serve all layers and both passes. A list is derived when an operation first asks for it
/// after a refill, while the GPU works on what was launched before; it keeps its address, so that a recorded graph can read it.
/// </summary>
/// <param name="makeCurrent">Makes the backend's context that of the calling thread.</param>
internal sealed class CudaBatch(Device device, BatchCapacity capacity, IListMemory memory, Action makeCurrent)
    : PreparedBatch(device, capacity)
{
    private readonly List<BatchLists> _lists = [];
    private readonly Dictionary<AttentionWork, AttentionShares> _shares = [];
    private readonly Dictionary<CacheWork, CacheSplits> _splits = [];
    private CopiedList? _tokens;
    private CopiedList? _sources;
    private CopiedList? _positions;
    private CopiedList? _targets;
    private CopiedList? _selectedRows;
    private RowDocuments? _documents;
    private DocumentEnds? _documentEnds;
    private TokenOccurrences? _occurrences;
    private AttentionTiles? _queryTiles;
    private AttentionTiles? _keyTiles;
    private CachePages? _cachePages;
    private CacheSlots? _slots;
    private int _refills;

    /// <summary>Where the lists are kept.</summary>
    public IListMemory Memory { get; } = memory;

    /// <summary>[T] token ids.</summary>
    public nint Tokens => Known(ref _tokens, static batch => new CopiedList(batch, static b => b.Batch.Tokens)).Address;

    /// <summary>[T] <see cref="PreparedBatch.Sources"/>.</summary>
    public nint TokenSources => Known(ref _sources, static batch => new CopiedList(batch, static b => b.Sources)).Address;

    /// <summary>[T].</summary>
    public nint Positions => Known(ref _positions, static batch => new CopiedList(batch, static b => b.Batch.Positions)).Address;

    /// <summary>[S].</summary>
    public nint Targets => Known(ref _targets, static batch => new CopiedList(batch, static b => b.Batch.Targets)).Address;

    /// <summary>[R] <see cref="PreparedBatch.Rows"/>.</summary>
    public nint SelectedRows => Known(ref _selectedRows, static batch => new CopiedList(batch, static b => b.Rows)).Address;

    /// <summary>[T] the document of every row.</summary>
    public nint Documents => Known(ref _documents, static batch => new RowDocuments(batch)).Address;

    public DocumentEnds DocumentEnds => Known(ref _documentEnds, static batch => new DocumentEnds(batch));

    public TokenOccurrences Occurrences => Known(ref _occurrences, static batch => new TokenOccurrences(batch));

    public (nint Address, int Count) QueryTiles =>
        Known(ref _queryTiles, static batch => new AttentionTiles(batch, ofKeys: false)).Entries;

    public (nint Address, int Count) KeyTiles => Known(ref _keyTiles, static batch => new AttentionTiles(batch, ofKeys: true)).Entries;

    public CachePages CachePages => Known(ref _cachePages, static batch => new CachePages(batch));

    public nint Slots => Known(ref _slots, static batch => new CacheSlots(batch)).Address;

    /// <summary>The shares of an attention kernel's blocks.</summary>
    public AttentionShares Shares(AttentionWork work)
    {
        if (!_shares.TryGetValue(work, out var shares))
        {
            _shares.Add(work, shares = Owned(new AttentionShares(this, work)));
        }

        return Filled(shares);
    }

    /// <summary>The division of queries over a cache.</summary>
    public CacheSplits Splits(CacheWork work)
    {
        if (!_splits.TryGetValue(work, out var splits))
        {
            _splits.Add(work, splits = Owned(new CacheSplits(this, work)));
        }

        return Filled(splits);
    }

    /// <summary>The device has changed <see cref="Tokens"/>.</summary>
    public void ForgetTokens() => _tokens?.Forget();

    public override void Derive()
    {
        makeCurrent();
        foreach (var lists in _lists)
        {
            lists.FillFor(this, _refills);
        }
    }

    public override void Dispose()
    {
        makeCurrent();
        _lists.ForEach(lists => lists.Dispose());
        _lists.Clear();
    }

    protected override void RefillCore() => _refills++;

    private T Known<T>(ref T? lists, Func<CudaBatch, T> create)
        where T : BatchLists =>
        Filled(lists ??= Owned(create(this)));

    private T Owned<T>(T lists)
        where T : BatchLists
    {
        _lists.Add(lists);
        return lists;
    }

    private T Filled<T>(T lists)
        where T : BatchLists
    {
        lists.FillFor(this, _refills);
        return lists;
    }
}
