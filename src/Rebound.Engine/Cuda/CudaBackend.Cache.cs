using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private const int SplitThreads = 128;

    private static readonly Kernel CacheAppendKernel = new("key_value_cache", "cache_append");
    private static readonly Kernel SplitKernel = new("key_value_cache", "cached_attention_split");
    private static readonly Kernel JoinKernel = new("key_value_cache", "cached_attention_join");

    protected override void CacheAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        MakeCurrent();
        var plan = _batches[batch].Cache;
        plan.Place(batch, table);
        var wide = KernelVariant.IsWide(queryKeyValue.DType, shape.HeadDim, cache.Keys, cache.Values, queryKeyValue);
        var variant = Heads(queryKeyValue, shape) with { Wide = wide };
        Launch(
            CacheAppendKernel, variant, (batch.TokenCount, 1), (ThreadsFor(shape.KeyValueHeads * shape.HeadDim, variant.Lanes), 1), 0,
            cache.Keys, cache.Values, queryKeyValue, plan.Slots, shape.QueryHeads, shape.KeyValueHeads, shape.HeadDim);
    }

    /// <remarks>
    /// Documents of the batch with many new tokens go to tensor cores as in <see cref="Backend.AttentionForward"/>; the others'
    /// queries are split over stretches of keys, so that few queries over long caches fill the GPU too.
    /// </remarks>
    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        MakeCurrent();
        var plan = _batches[batch].Cache;
        plan.Place(batch, table);
        var tiled = UsesTensorCores(queryKeyValue, shape) && KernelVariant.IsWide(DType.BFloat16, shape.HeadDim, cache.Keys, cache.Values);
        plan.Divide(batch, shape.Window, tiled);
        if (plan.Tiles.Count > 0)
        {
            Launch(
                FlashForwardKernel, Heads(queryKeyValue, shape, KernelTraits.Paged), (plan.Tiles.Count, shape.QueryHeads),
                (TensorCoreThreads, 1), ForwardSharedBytes(shape),
                output, 0, queryKeyValue, plan.Tiles.Address, cache.Keys, cache.Values, plan.Pages, plan.PageStarts,
                shape.QueryHeads, shape.KeyValueHeads, shape.Scale, shape.Window);
        }

        if (plan.Tasks.Count > 0)
        {
            var parts = _workspace.Reserve((long)plan.Tasks.Count * shape.QueryHeads * (2 + shape.HeadDim) * sizeof(float));
            var variant = Heads(queryKeyValue, shape);
            Launch(
                SplitKernel, variant, (plan.Tasks.Count, shape.QueryHeads), (SplitThreads, 1), 0,
                parts, queryKeyValue, cache.Keys, cache.Values, plan.Tasks.Address, plan.Pages, shape.QueryHeads,
                shape.KeyValueHeads, shape.Scale);
            Launch(
                JoinKernel, variant, (plan.Queries.Count, shape.QueryHeads), (SplitThreads, 1), 0,
                output, parts, plan.Queries.Address, shape.QueryHeads);
        }
    }
}
