namespace Rebound.Engine.Cpu;

/// <summary>A batch's attention plans and places in a cache, each made when first asked for and shared by all layers.</summary>
internal sealed unsafe class CpuBatch(BatchCapacity capacity, Device device) : PreparedBatch(device, capacity)
{
    private readonly Workspace _uncachedMemory = new();
    private readonly Workspace _cachedMemory = new();
    private readonly Workspace _slotMemory = new();
    private AttentionPlan? _uncached;
    private AttentionPlan? _cached;
    private readonly Workspace _tokenMemory = new();
    private int* _slots;
    private int* _tokens;

    /// <summary>Documents from their first position on.</summary>
    public AttentionPlan Uncached => _uncached ??= AttentionPlan.Create(
        Batch, cached: false, _uncachedMemory.Bytes(AttentionPlan.Bytes(Batch, cached: false)));

    /// <summary>Documents from the batch's positions on, with keys before them.</summary>
    public AttentionPlan Cached => _cached ??= PlanCached();

    /// <summary>[T]: page · PageTokens + place in the page.</summary>
    public int* Slots => _slots == null ? _slots = PlaceTokens() : _slots;

    /// <summary>[T] the batch's tokens, or what <see cref="Feed"/> made of them.</summary>
    public ReadOnlySpan<int> Tokens => _tokens == null ? Batch.Tokens : new ReadOnlySpan<int>(_tokens, TokenCount);

    /// <summary>Tokens with a source become what was drawn for it.</summary>
    public void Feed(ReadOnlySpan<int> drawn)
    {
        _tokens = (int*)_tokenMemory.Bytes((long)TokenCount * sizeof(int));
        for (var t = 0; t < TokenCount; t++)
        {
            _tokens[t] = Sources[t] < 0 ? Batch.Tokens[t] : Math.Max(drawn[Sources[t]], 0);
        }
    }

    public override void Dispose()
    {
        _tokenMemory.Dispose();
        _uncachedMemory.Dispose();
        _cachedMemory.Dispose();
        _slotMemory.Dispose();
    }

    protected override void RefillCore()
    {
        (_uncached, _cached) = (null, null);
        _slots = null;
        _tokens = null;
    }

    private AttentionPlan PlanCached()
    {
        var tiles = AttentionPlan.Count(Batch, cached: true).Tiles;
        var planBytes = AttentionPlan.Bytes(Batch, cached: true);
        var memory = _cachedMemory.Bytes(planBytes + ((long)tiles * sizeof(int)));
        var plan = AttentionPlan.Create(Batch, cached: true, memory);
        plan.PageOfTile = (int*)(memory + planBytes);
        for (var tile = 0; tile < tiles; tile++)
        {
            var document = plan.DocumentOfTile[tile];
            plan.PageOfTile[tile] = Pages!.Pages(document)[tile - plan.Documents[document].FirstTile];
        }

        return plan;
    }

    private int* PlaceTokens()
    {
        var slots = (int*)_slotMemory.Bytes((long)TokenCount * sizeof(int));
        Pages!.PlaceTokens(Batch, new Span<int>(slots, TokenCount));
        return slots;
    }
}
