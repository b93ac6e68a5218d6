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

    /// <summary>Descriptions of the two tensors that a kernel copies from; a launch takes them with it.</summary>
    private readonly TensorMap* _maps = (TensorMap*)NativeMemory.AlignedAlloc(2 * (nuint)sizeof(TensorMap), TensorMap.Alignment);

    private void HopperForward(Tensor output, Tensor logSumExp, Tensor fused, PackedBatch batch, AttentionShape shape)
    {
        var window = WindowOf(batch, shape);
        var plan = new HopperPlan(shape.HeadDim, Groups: HopperPlan.MostGroups(shape.HeadDim), OwnedTiles: 1);
        var work = new AttentionWork(OfKeys: false, shape.QueryHeads, window, plan.TileTokens, _multiprocessors);
        var (shares, items) = _batches[batch][work];
        Launch(
            HopperForwardKernel, Heads(fused, shape), (work.Blocks, 1), (plan.Threads, 1), plan.SharedBytes,
            output, logSumExp, Map(_maps, fused), shares, items, shape.QueryHeads, shape.KeyValueHeads, shape.Scale, window);
    }

    private void HopperBackward(
        Tensor dFused, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor fused, PackedBatch batch, AttentionShape shape)
    {
        var (lists, variant, window) = (_batches[batch], Heads(fused, shape), WindowOf(batch, shape));
        var terms = _workspace.Reserve((long)batch.TokenCount * shape.QueryHeads * 2 * sizeof(float));
        var fusedMap = Map(_maps, fused);
        var dOutputMap = Map(_maps + 1, dOutput);

        var plan = new HopperPlan(shape.HeadDim, Groups: HopperPlan.MostGroups(shape.HeadDim), OwnedTiles: 2);
        var work = new AttentionWork(OfKeys: false, shape.QueryHeads, window, plan.TileTokens, _multiprocessors);
        var (shares, items) = lists[work];
        Launch(
            HopperBackwardQueriesKernel, variant, (work.Blocks, 1), (plan.Threads, 1), plan.SharedBytes,
            dFused, terms, fusedMap, dOutputMap, output, logSumExp, shares, items, shape.QueryHeads, shape.KeyValueHeads, shape.Scale,
            window);

        plan = plan with { Groups = 2 };
        work = new AttentionWork(OfKeys: true, shape.KeyValueHeads, window, plan.TileTokens, _multiprocessors);
        (shares, items) = lists[work];
        Launch(
            HopperBackwardKeysKernel, variant, (work.Blocks, 1), (plan.Threads, 1), plan.SharedBytes,
            dFused, fusedMap, dOutputMap, terms, shares, items, shape.QueryHeads, shape.KeyValueHeads, batch.TokenCount, shape.Scale,
            window);
    }

    private static TensorMap* Map(TensorMap* map, Tensor heads)
    {
        DriverApi.DescribeHeads(map, heads, HopperPlan.PanelColumns, HopperPlan.GroupRows);
        return map;
    }

    /// <summary>Whether heads have a kernel with Hopper's products; every tensor is read or written 16 bytes at a time.</summary>
    private bool UsesHopper(AttentionShape shape, params ReadOnlySpan<Tensor> tensors) =>
        _kernels.HasWarpgroupProducts && shape.HeadDim is 64 or 128 && tensors[0].DType == DType.BFloat16
        && KernelVariant.IsWide(DType.BFloat16, shape.HeadDim, tensors);

    /// <summary>The sizes of flash_hopper.cuh.</summary>
    /// <param name="Groups">Warpgroups of a block that compute.</param>
    /// <param name="OwnedTiles">Tiles that each of them owns.</param>
    private readonly record struct HopperPlan(int HeadDim, int Groups, int OwnedTiles)
    {
        public const int GroupRows = 64;
        public const int PanelColumns = 64;

        private const int WarpgroupThreads = 128;
        private const int TileAlignment = 1024;

        /// <summary>One more warpgroup copies.</summary>
        public int Threads => (Groups + 1) * WarpgroupThreads;

        public int TileTokens => Groups * GroupRows;

        /// <summary>Two sets of owned tiles, a ring of pairs with floats beside them, barriers, and room to align the first tile.</summary>
        public int SharedBytes =>
            (2 * ((Groups * OwnedTiles) + Stages) * GroupRows * HeadDim * sizeof(ushort)) + (Stages * 2 * GroupRows * sizeof(float))
            + (((2 * Stages) + 4) * sizeof(long)) + TileAlignment;

        private int Stages => HeadDim == 64 ? 6 : 3;

        /// <summary>As many as find registers for one sum and two tiles of scores.</summary>
        public static int MostGroups(int headDim) => headDim == 64 ? 3 : 2;
    }
}
