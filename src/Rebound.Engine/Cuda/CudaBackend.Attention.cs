using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private const int TensorCoreThreads = 128;

    /// <summary>Keys or queries of one step of a tensor core kernel.</summary>
    private const int TensorCoreStep = 32;

    /// <summary>Padding of a row in shared memory, in elements (mma.cuh).</summary>
    private const int SharedRowPadding = 8;

    private static readonly Kernel FlashForwardKernel = new("flash_forward", "flash_forward");
    private static readonly Kernel FlashDeltaKernel = new("flash_backward", "flash_delta");
    private static readonly Kernel FlashBackwardKeysKernel = new("flash_backward", "flash_backward_keys");
    private static readonly Kernel FlashBackwardQueriesKernel = new("flash_backward", "flash_backward_queries");
    private static readonly Kernel AttentionForwardKernel = new("attention", "attention_forward");
    private static readonly Kernel AttentionBackwardQueriesKernel = new("attention", "attention_backward_queries");
    private static readonly Kernel AttentionBackwardKeysKernel = new("attention", "attention_backward_keys");

    /// <remarks>
    /// bf16 with head dimensions 64, 80, 96 and 128 runs on tensor cores, with probabilities rounded to bf16 for the
    /// product with the values; everything else on a plain kernel in fp32.
    /// </remarks>
    protected override void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        MakeCurrent();
        var lists = (CudaBatch)batch;
        if (UsesHopper(shape, queryKeyValue, output))
        {
            HopperForward(output, logSumExp, queryKeyValue, batch, shape);
        }
        else if (UsesTensorCores(queryKeyValue, shape))
        {
            var (tiles, count) = lists.QueryTiles;
            Launch(
                FlashForwardKernel, Heads(queryKeyValue, shape), (count, shape.QueryHeads), (TensorCoreThreads, 1),
                ForwardSharedBytes(shape),
                output, logSumExp, queryKeyValue, tiles, 0, 0, 0, 0, shape.QueryHeads, shape.KeyValueHeads, shape.Scale,
                WindowOf(batch, shape));
        }
        else
        {
            Launch(
                AttentionForwardKernel, Heads(queryKeyValue, shape), (WarpBlocks((long)batch.TokenCount * shape.QueryHeads), 1),
                (HeadThreads, 1), 0,
                output, logSumExp, queryKeyValue, lists.DocumentEnds.FirstRows, batch.TokenCount, shape.QueryHeads,
                shape.KeyValueHeads, shape.Scale, WindowOf(batch, shape));
        }
    }

    protected override void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape)
    {
        MakeCurrent();
        if (UsesHopper(shape, queryKeyValue, dQueryKeyValue, dOutput, output))
        {
            HopperBackward(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);
            return;
        }

        var delta = _workspace.Reserve((long)batch.TokenCount * shape.QueryHeads * sizeof(float));
        if (UsesTensorCores(queryKeyValue, shape))
        {
            FlashBackward(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, delta, batch, shape);
        }
        else
        {
            PlainBackward(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, delta, batch, shape);
        }
    }

    private void FlashBackward(
        Tensor dFused, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor fused, nint delta, PreparedBatch batch,
        AttentionShape shape)
    {
        var (lists, variant, window) = ((CudaBatch)batch, Heads(fused, shape), WindowOf(batch, shape));
        var rows = (long)batch.TokenCount * shape.QueryHeads;
        Launch(FlashDeltaKernel, variant, (WarpBlocks(rows), 1), (HeadThreads, 1), 0, delta, dOutput, output, rows);
        var sharedBytes = BackwardSharedBytes(shape);
        var (keyTiles, keyCount) = lists.KeyTiles;
        Launch(
            FlashBackwardKeysKernel, variant, (keyCount, shape.KeyValueHeads), (TensorCoreThreads, 1), sharedBytes,
            dFused, dOutput, fused, logSumExp, delta, keyTiles, shape.QueryHeads, shape.KeyValueHeads, shape.Scale, window);
        var (queryTiles, queryCount) = lists.QueryTiles;
        Launch(
            FlashBackwardQueriesKernel, variant, (queryCount, shape.QueryHeads), (TensorCoreThreads, 1), sharedBytes,
            dFused, dOutput, fused, logSumExp, delta, queryTiles, shape.QueryHeads, shape.KeyValueHeads, shape.Scale, window);
    }

    private void PlainBackward(
        Tensor dFused, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor fused, nint delta, PreparedBatch batch,
        AttentionShape shape)
    {
        var (lists, variant, window) = ((CudaBatch)batch, Heads(fused, shape), WindowOf(batch, shape));
        Launch(
            AttentionBackwardQueriesKernel, variant, (WarpBlocks((long)batch.TokenCount * shape.QueryHeads), 1), (HeadThreads, 1), 0,
            dFused, delta, dOutput, output, logSumExp, fused, lists.DocumentEnds.FirstRows, batch.TokenCount,
            shape.QueryHeads, shape.KeyValueHeads, shape.Scale, window);
        Launch(
            AttentionBackwardKeysKernel, variant, (WarpBlocks((long)batch.TokenCount * shape.KeyValueHeads), 1), (HeadThreads, 1), 0,
            dFused, delta, dOutput, logSumExp, fused, lists.DocumentEnds.EndRows, batch.TokenCount, shape.QueryHeads,
            shape.KeyValueHeads, shape.Scale, window);
    }

    /// <summary>Whether heads of this type and size have a tensor core kernel, which copies rows 16 bytes at a time.</summary>
    private static bool UsesTensorCores(Tensor heads, AttentionShape shape) =>
        heads.DType == DType.BFloat16 && shape.HeadDim is 64 or 80 or 96 or 128
        && KernelVariant.IsWide(DType.BFloat16, shape.HeadDim, heads);

    private static KernelVariant Heads(Tensor heads, AttentionShape shape, KernelTraits traits = KernelTraits.None) =>
        new(heads.DType, HeadDim: shape.HeadDim, Traits: traits);

    /// <summary>The window, or 0 where no document is long enough for it to matter.</summary>
    private static int WindowOf(PreparedBatch batch, AttentionShape shape) =>
        shape.Window < batch.Batch.LongestDocument ? shape.Window : 0;

    /// <summary>A tile of queries, and two steps each of keys and values.</summary>
    private static int ForwardSharedBytes(AttentionShape shape) =>
        (AttentionTiles.TileTokens + (4 * TensorCoreStep)) * (shape.HeadDim + SharedRowPadding) * sizeof(ushort);

    /// <summary>Two tiles that a block owns, two double-buffered pairs of half tiles, and their sums and deltas.</summary>
    private static int BackwardSharedBytes(AttentionShape shape) =>
        (((2 * AttentionTiles.TileTokens) + (4 * TensorCoreStep)) * (shape.HeadDim + SharedRowPadding) * sizeof(ushort))
        + (4 * TensorCoreStep * sizeof(float));
}
