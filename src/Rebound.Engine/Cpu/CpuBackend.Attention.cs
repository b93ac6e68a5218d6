using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    protected override void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch, AttentionShape shape)
    {
        var tiles = PlanTiles(batch, shape, cached: false, backward: false, out _);
        tiles.Fused = Floats(queryKeyValue);
        Attend(Floats(output), Floats(logSumExp), Floats(queryKeyValue), tiles);
    }

    protected override void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch,
        AttentionShape shape)
    {
        var tiles = PlanTiles(batch, shape, cached: false, backward: true, out var gradients);
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
        KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        var slots = (int*)_workspace.Bytes((long)batch.TokenCount * sizeof(int));
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var pages = table.Pages(d);
            for (var t = batch.DocumentStarts[d]; t < batch.DocumentStarts[d + 1]; t++)
            {
                var (page, place) = Math.DivRem(batch.Positions[t], PageTable.PageTokens);
                slots[t] = checked((pages[page] * PageTable.PageTokens) + place);
            }
        }

        var kernel = new CacheAppendKernel
        {
            Keys = Floats(cache.Keys),
            Values = Floats(cache.Values),
            Fused = Floats(queryKeyValue),
            Slots = slots,
            Shape = shape,
        };
        Rows.Run(_pool, kernel, batch.TokenCount, 4L * shape.KeyValueHeads * shape.HeadDim * sizeof(float));
    }

    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        var tiles = PlanTiles(batch, shape, cached: true, backward: false, out var rest);
        tiles.KeyPages = Floats(cache.Keys);
        tiles.ValuePages = Floats(cache.Values);
        tiles.PageOfTile = (int*)rest;
        for (var tile = 0; tile < tiles.Plan.TileCount; tile++)
        {
            var document = tiles.Plan.DocumentOfTile[tile];
            tiles.PageOfTile[tile] = table.Pages(document)[tile - tiles.Plan.Documents[document].FirstTile];
        }

        Attend(Floats(output), null, Floats(queryKeyValue), tiles);
    }

    private void Attend(float* output, float* logSumExp, float* fused, KeyTiles tiles)
    {
        Rows.RunFixed(_pool, new TransposeTilesKernel { Tiles = tiles }, tiles.Plan.TileCount * tiles.Shape.KeyValueHeads, partRows: 1);
        var kernel = new AttentionForwardKernel { Output = output, LogSumExp = logSumExp, Fused = fused, Tiles = tiles };
        Rows.RunFixed(_pool, kernel, tiles.Plan.BlockCount * tiles.Shape.QueryHeads, partRows: 1);
    }

    /// <summary>Lays out a plan, the transposed tiles, and what else attention needs, in the workspace.</summary>
    /// <param name="rest">
    /// Forward over a cache: an int of every tile. Backward: [H, T, HeadDim] of key and of value gradients, and [H, T].
    /// </param>
    private KeyTiles PlanTiles(PackedBatch batch, AttentionShape shape, bool cached, bool backward, out float* rest)
    {
        var planBytes = AttentionPlan.Bytes(batch, cached);
        var tileCount = AttentionPlan.Count(batch, cached).Tiles;
        var transposed = (long)tileCount * shape.KeyValueHeads * shape.HeadDim * AttentionPlan.TileTokens;
        var gradients = (long)batch.TokenCount * shape.QueryHeads * ((2 * shape.HeadDim) + 1);
        var floats = (backward ? (2 * transposed) + gradients : transposed) + tileCount;
        var memory = _workspace.Bytes(planBytes + (floats * sizeof(float)));
        var keys = (float*)(memory + planBytes);
        rest = keys + ((backward ? 2 : 1) * transposed);
        return new KeyTiles
        {
            Plan = AttentionPlan.Create(batch, cached, memory),
            Shape = shape,
            TransposedKeys = keys,
            TransposedValues = backward ? keys + transposed : null,
        };
    }
}
