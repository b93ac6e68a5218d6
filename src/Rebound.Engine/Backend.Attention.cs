namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary>
    /// Rotates query and key heads in place by their position's angles (Su et al. 2021, arXiv 2104.09864), pairing
    /// element i with i + HeadDim/2 as Hugging Face's layout does; value heads are untouched.
    /// </summary>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim], in place.</param>
    /// <param name="rotary">Angles for at least every position of the batch.</param>
    public void RotaryForward(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Rotation(queryKeyValue, rotary, batch, shape);
        RotaryForwardCore(queryKeyValue, rotary, batch, shape);
    }

    /// <summary>Backward of <see cref="RotaryForward"/>: the rotation by the negative angle, in place.</summary>
    /// <param name="dQueryKeyValue">[T, H + 2·KvH, HeadDim], in place.</param>
    public void RotaryBackward(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Rotation(dQueryKeyValue, rotary, batch, shape);
        RotaryBackwardCore(dQueryKeyValue, rotary, batch, shape);
    }

    /// <summary>
    /// Causal attention within every document: <c>softmax(scale · q·kᵀ)·v</c>; query head h reads key and value head
    /// <c>h / (H / KvH)</c>; with a window W a query at position p sees the positions p − W + 1 to p.
    /// </summary>
    /// <param name="output">[T, H, HeadDim], =.</param>
    /// <param name="logSumExp">[T, H], =: of the scaled scores, kept for the backward.</param>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim]: query heads, key heads, value heads.</param>
    public void AttentionForward(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Batch(batch);
        Expect.Floating(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Elements(output, queryKeyValue.DType, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Floats(logSumExp, new Shape(batch.TokenCount, shape.QueryHeads));
        AttentionForwardCore(output, logSumExp, queryKeyValue, batch, shape);
    }

    /// <summary>Backward of <see cref="AttentionForward"/>; the probabilities are recomputed from <paramref name="logSumExp"/>.</summary>
    /// <param name="dQueryKeyValue">[T, H + 2·KvH, HeadDim], =.</param>
    /// <param name="dOutput">[T, H, HeadDim].</param>
    /// <param name="output">[T, H, HeadDim].</param>
    public void AttentionBackward(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Batch(batch);
        Expect.Floating(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Elements(dQueryKeyValue, queryKeyValue.DType, queryKeyValue.Shape);
        Expect.Elements(output, queryKeyValue.DType, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Elements(dOutput, queryKeyValue.DType, output.Shape);
        Expect.Floats(logSumExp, new Shape(batch.TokenCount, shape.QueryHeads));
        AttentionBackwardCore(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);
    }
}
