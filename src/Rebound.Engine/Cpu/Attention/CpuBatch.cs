namespace Rebound.Engine.Cpu;

/// <summary>A batch's attention plans and places in a cache, each made when first asked for and shared by all layers.</summary>
internal sealed unsafe class CpuBatch(BatchCapacity capacity, Device device) : PreparedBatch(device, capacity)
{
    private readonly Workspace _uncachedMemory = new();
    private readonly Workspace _cachedMemory = new();
    private readonly Workspace _slotMemory = new();
    private AttentionPlan? _uncached;
    private AttentionPlan? _cached;
    private int* _slots;

    /// <summary>Documents from their first position on.</summary>
    public AttentionPlan Uncached => _uncached ??= AttentionPlan.Create(
        Batch, cached: false, _uncachedMemory.Bytes(AttentionPlan.Bytes(Batch, cached: false)));

    /// <summary>Documents from the batch's positions on, with keys before them.</summary>
    public AttentionPlan Cached => _cached ??= PlanCached();

    /// <summary>[T]: page · PageTokens + place in the page.</summary>
    public int* Slots => _slots == null ? _slots = PlaceTokens() : _slots;

    public override void Dispose()
    {
        _uncachedMemory.Dispose();
        _cachedMemory.Dispose();
        _slotMemory.Dispose();
    }

    protected override void RefillCore()
    {
        (_uncached, _cached) = (null, null);
        _slots = null;
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
