using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override void AttentionForward(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch, AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Floats(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Floats(output, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Floats(logSumExp, new Shape(batch.TokenCount, shape.QueryHeads));
        Attention.Forward(Floats(output), Floats(logSumExp), Floats(queryKeyValue), batch, shape);
    }

    public override void AttentionBackward(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch,
        AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Floats(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Floats(dQueryKeyValue, queryKeyValue.Shape);
        Expect.Floats(output, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Floats(dOutput, output.Shape);
        Expect.Floats(logSumExp, new Shape(batch.TokenCount, shape.QueryHeads));
        Attention.Backward(
            Floats(dQueryKeyValue), Floats(dOutput), Floats(output), Floats(logSumExp), Floats(queryKeyValue), batch, shape);
    }

    public override void CacheAppend(
        KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Floats(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Pages(cache, batch, table, shape);
        CachedAttentionKernel.Append(Floats(cache.Keys), Floats(cache.Values), Floats(queryKeyValue), batch, table, shape);
    }

    public override void CachedAttention(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Floats(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Floats(output, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Pages(cache, batch, table, shape);
        CachedAttentionKernel.Forward(
            Floats(output), Floats(cache.Keys), Floats(cache.Values), Floats(queryKeyValue), batch, table, shape);
    }
}
