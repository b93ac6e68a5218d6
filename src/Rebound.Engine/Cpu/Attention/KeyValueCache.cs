namespace Rebound.Engine.Cpu;

/// <summary>Stores the keys and values of rows in the pages of their sequences.</summary>
internal unsafe struct CacheAppendKernel : IVectorKernel
{
    /// <summary>[pages, KvH, PageTokens, HeadDim].</summary>
    public float* Keys;

    public float* Values;

    /// <summary>[T, H + 2·KvH, HeadDim].</summary>
    public float* Fused;

    /// <summary>[T]: page · PageTokens + place in the page.</summary>
    public int* Slots;

    public AttentionShape Shape;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            var key = Fused + ((((nint)t * Shape.FusedHeads) + Shape.QueryHeads) * Shape.HeadDim);
            var (page, place) = ((nint)(Slots[t] / PageTable.PageTokens), Slots[t] % PageTable.PageTokens);
            for (var h = 0; h < Shape.KeyValueHeads; h++, key += Shape.HeadDim)
            {
                var slot = ((((page * Shape.KeyValueHeads) + h) * PageTable.PageTokens) + place) * Shape.HeadDim;
                Vectors.Copy(Keys + slot, key, Shape.HeadDim);
                Vectors.Copy(Values + slot, key + (Shape.KeyValueHeads * Shape.HeadDim), Shape.HeadDim);
            }
        }
    }
}
