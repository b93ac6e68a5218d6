using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private const int SplitThreads = 128;

    private static readonly Kernel CacheAppendKernel = new("key_value_cache", "cache_append");
    private static readonly Kernel SplitKernel = new("key_value_cache", "cached_attention_split");
    private static readonly Kernel JoinKernel = new("key_value_cache", "cached_attention_join");

    protected override void CacheAppendCore(KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        MakeCurrent();
        var wide = KernelVariant.IsWide(queryKeyValue.DType, shape.HeadDim, cache.Keys, cache.Values, queryKeyValue);
        var variant = Heads(queryKeyValue, shape) with { Wide = wide };
        Launch(
            CacheAppendKernel, variant, (batch.TokenCount, 1), (ThreadsFor(shape.KeyValueHeads * shape.HeadDim, variant.Lanes), 1), 0,
            cache.Keys, cache.Values, queryKeyValue, ((CudaBatch)batch).Slots, shape.QueryHeads, shape.KeyValueHeads, shape.HeadDim);
    }

    /// <remarks>
    /// Documents of the batch with many new tokens go to tensor cores as in <see cref="Backend.AttentionForward"/>; the others'
    /// queries are split over stretches of keys, so that few queries over long caches fill the GPU too. Batches of decoding alone have
    /// a kernel of their own.
    /// </remarks>
    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        MakeCurrent();
        if (TakesDecodeKernel(cache, queryKeyValue, batch, shape))
        {
            DecodeAttention(output, cache, queryKeyValue, (CudaBatch)batch, shape);
            return;
        }

        var tiled = !_batchInvariant && UsesTensorCores(queryKeyValue, shape)
            && KernelVariant.IsWide(DType.BFloat16, shape.HeadDim, cache.Keys, cache.Values);
        var lists = (CudaBatch)batch;
        var (pages, splits) = (lists.CachePages, lists.Splits(new CacheWork(shape.Window, tiled)));
        var (tiles, tasks, queries) = (splits.Tiles, splits.Tasks, splits.Queries);
        if (tiles.Count > 0)
        {
            Launch(
                FlashForwardKernel, Heads(queryKeyValue, shape, KernelTraits.Paged), (tiles.Count, shape.QueryHeads),
                (TensorCoreThreads, 1), ForwardSharedBytes(shape),
                output, 0, queryKeyValue, tiles.Address, cache.Keys, cache.Values, pages.Pages, pages.Starts,
                shape.QueryHeads, shape.KeyValueHeads, shape.Scale, shape.Window);
        }

        if (tasks.Count > 0)
        {
            var parts = _workspace.Reserve((long)tasks.Count * shape.QueryHeads * (2 + shape.HeadDim) * sizeof(float));
            var variant = Heads(queryKeyValue, shape);
            Launch(
                SplitKernel, variant, (tasks.Count, shape.QueryHeads), (SplitThreads, 1), 0,
                parts, queryKeyValue, cache.Keys, cache.Values, tasks.Address, pages.Pages, shape.QueryHeads,
                shape.KeyValueHeads, shape.Scale);
            Launch(
                JoinKernel, variant, (queries.Count, shape.QueryHeads), (SplitThreads, 1), 0,
                output, parts, queries.Address, shape.QueryHeads);
        }
    }
}
