using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    protected override void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        var tiles = PlanTiles(((CpuBatch)batch).Uncached, shape);
        tiles.Fused = Floats(queryKeyValue);
        Attend(Floats(output), Floats(logSumExp), Floats(queryKeyValue), tiles);
    }

    protected override void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape)
    {
        var tiles = PlanTiles(((CpuBatch)batch).Uncached, shape, batch.TokenCount, out var gradients);
        tiles.Fused = Floats(queryKeyValue);
        Rows.RunFixed(_pool, new TransposeTilesKernel { Tiles = tiles }, tiles.Plan.TileCount * shape.KeyValueHeads, partRows: 1);
        var kernel = new AttentionBackwardKernel
        {
            DFused = Floats(dQueryKeyValue),
            DKeys = gradients,
            DValues = gradients + output.Count,
            Means = gradients + (2 * output.Count),
            DOutput = Floats(dOutput),
            Output = Floats(output),
            LogSumExp = Floats(logSumExp),
            Tiles = tiles,
            Tokens = batch.TokenCount,
        };
        Rows.RunFixed(_pool, kernel, batch.DocumentCount * shape.QueryHeads, partRows: 1);
        var sum = new SumGroupsKernel
        {
            DFused = kernel.DFused,
            DKeys = kernel.DKeys,
            DValues = kernel.DValues,
            Shape = shape,
            Tokens = batch.TokenCount,
        };
        Rows.Run(_pool, sum, batch.TokenCount, 2 * output.Shape.RowLength * sizeof(float));
    }

    protected override void CacheAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        var kernel = new CacheAppendKernel
        {
            Keys = Floats(cache.Keys),
            Values = Floats(cache.Values),
            Fused = Floats(queryKeyValue),
            Slots = ((CpuBatch)batch).Slots,
            Shape = shape,
        };
        Rows.Run(_pool, kernel, batch.TokenCount, 4L * shape.KeyValueHeads * shape.HeadDim * sizeof(float));
    }

    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        var tiles = PlanTiles(((CpuBatch)batch).Cached, shape);
        tiles.KeyPages = Floats(cache.Keys);
        tiles.ValuePages = Floats(cache.Values);
        tiles.AllowsDirect = BatchInvariantRows > 1;
        Attend(Floats(output), null, Floats(queryKeyValue), tiles);
    }

    private void Attend(float* output, float* logSumExp, float* fused, KeyTiles tiles)
    {
        Rows.RunFixed(_pool, new TransposeTilesKernel { Tiles = tiles }, tiles.Plan.TileCount * tiles.Shape.KeyValueHeads, partRows: 1);
        var kernel = new AttentionForwardKernel { Output = output, LogSumExp = logSumExp, Fused = fused, Tiles = tiles };
        Rows.RunFixed(_pool, kernel, tiles.Plan.BlockCount * tiles.Shape.QueryHeads, partRows: 1);
    }

    /// <summary>The transposed tiles of a forward, in the workspace.</summary>
    private KeyTiles PlanTiles(in AttentionPlan plan, AttentionShape shape) => new()
    {
        Plan = plan,
        Shape = shape,
        TransposedKeys = _workspace.Floats(TransposedFloats(plan, shape)),
    };

    /// <summary>The transposed tiles of a backward, and what it sums apart, in the workspace.</summary>
    /// <param name="gradients">[H, T, HeadDim] of keys and of values, and [H, T].</param>
    private KeyTiles PlanTiles(in AttentionPlan plan, AttentionShape shape, int tokens, out float* gradients)
    {
        var transposed = TransposedFloats(plan, shape);
        var keys = _workspace.Floats((2 * transposed) + ((long)tokens * shape.QueryHeads * ((2 * shape.HeadDim) + 1)));
        gradients = keys + (2 * transposed);
        return new KeyTiles { Plan = plan, Shape = shape, TransposedKeys = keys, TransposedValues = keys + transposed };
    }

    private static long TransposedFloats(in AttentionPlan plan, AttentionShape shape) =>
        (long)plan.TileCount * shape.KeyValueHeads * shape.HeadDim * AttentionPlan.TileTokens;
}
