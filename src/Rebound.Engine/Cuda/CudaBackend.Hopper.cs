using System.Runtime.InteropServices;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine;

/// <summary>Attention with Hopper's asynchronous products and copies.</summary>
public sealed unsafe partial class CudaBackend
{
    private static readonly Kernel HopperForwardKernel = new("flash_forward_hopper", "flash_forward_hopper");
    private static readonly Kernel HopperBackwardKeysKernel = new("flash_backward_keys_hopper", "flash_backward_keys_hopper");
    private static readonly Kernel HopperBackwardQueriesKernel = new("flash_backward_queries_hopper", "flash_backward_queries_hopper");

    /// <summary>Descriptions of the three tensors at most that a kernel copies from; a launch takes them with it.</summary>
    private readonly TensorMap* _maps = (TensorMap*)NativeMemory.AlignedAlloc(3 * (nuint)sizeof(TensorMap), TensorMap.Alignment);

    private void HopperForward(Tensor output, Tensor logSumExp, Tensor fused, PreparedBatch batch, AttentionShape shape)
    {
        var (plan, window) = (HopperPlan.Forward(shape.HeadDim), WindowOf(batch, shape));
        var work = new AttentionWork(OfKeys: false, shape.QueryHeads, window, plan.ItemTokens, _multiprocessors);
        var shares = ((CudaBatch)batch).Shares(work);
        LaunchHopper(
            HopperForwardKernel, plan, work, output, logSumExp, Map(_maps, fused), shares.Starts, shares.Items, shape.QueryHeads,
            shape.KeyValueHeads, shape.Scale, window);
    }

    private void HopperBackward(
        Tensor dFused, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor fused, PreparedBatch batch, AttentionShape shape)
    {
        var (lists, window) = ((CudaBatch)batch, WindowOf(batch, shape));

        // Two terms of every query, in two rows for each head, which copies want to be a multiple of 16 bytes long.
        const int TermBytes = 2 * sizeof(float);
        var (rows, termsOfRow) = (2 * shape.QueryHeads, (batch.TokenCount + 1) / 2 * 2);
        var terms = _workspace.Reserve((long)rows * termsOfRow * TermBytes);
        var fusedMap = Map(_maps, fused);
        var dOutputMap = Map(_maps + 1, dOutput);
        var termsMap = _maps + 2;
        DriverApi.DescribeRows(termsMap, terms, rows, batch.TokenCount * 2, (long)termsOfRow * TermBytes, HopperPlan.FloatsOfPair);

        var plan = HopperPlan.BackwardQueries(shape.HeadDim);
        var work = new AttentionWork(OfKeys: false, shape.QueryHeads, window, plan.ItemTokens, _multiprocessors);
        var shares = lists.Shares(work);
        LaunchHopper(
            HopperBackwardQueriesKernel, plan, work, dFused, terms, fusedMap, dOutputMap, output, logSumExp, shares.Starts, shares.Items,
            shape.QueryHeads, shape.KeyValueHeads, batch.TokenCount, termsOfRow, shape.Scale, window);

        plan = HopperPlan.BackwardKeys(shape.HeadDim);
        work = new AttentionWork(OfKeys: true, shape.KeyValueHeads, window, plan.ItemTokens, _multiprocessors);
        shares = lists.Shares(work);
        LaunchHopper(
            HopperBackwardKeysKernel, plan, work, dFused, fusedMap, dOutputMap, termsMap, shares.Starts, shares.Items, shape.QueryHeads,
            shape.KeyValueHeads, shape.Scale, window);
    }

    private void LaunchHopper(Kernel kernel, HopperPlan plan, AttentionWork work, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(
            kernel, new KernelVariant(DType.BFloat16, HeadDim: plan.HeadDim, Hopper: plan), (work.Blocks, 1), (plan.Threads, 1),
            plan.SharedBytes, arguments);

    private static TensorMap* Map(TensorMap* map, Tensor heads)
    {
        DriverApi.DescribeHeads(map, heads, HopperPlan.PanelColumns, HopperPlan.TileRows);
        return map;
    }

    /// <summary>Whether heads have a kernel with Hopper's products; every tensor is read or written 16 bytes at a time.</summary>
    private bool UsesHopper(AttentionShape shape, params ReadOnlySpan<Tensor> tensors) =>
        _kernels.HasWarpgroupProducts && shape.HeadDim is 64 or 128 && tensors[0].DType == DType.BFloat16
        && KernelVariant.IsWide(DType.BFloat16, shape.HeadDim, tensors);
}
