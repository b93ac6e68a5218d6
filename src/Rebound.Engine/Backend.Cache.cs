namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary>
    /// Stores the key and value heads of a packed batch in the pages of their sequences, at the batch's positions.
    /// </summary>
    /// <param name="cache">One layer's pages.</param>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim], after the rotation.</param>
    /// <param name="batch">Document d is new tokens of sequence d of its pages.</param>
    public void CacheAppend(KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Batch(batch);
        Expect.Floating(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Pages(cache, queryKeyValue.DType, batch, shape);
        CacheAppendCore(cache, queryKeyValue, batch, shape);
    }

    /// <summary>
    /// As <see cref="AttentionForward"/>, but keys and values come from the pages, which hold all positions up to and
    /// including the batch's own (append first). One call serves prefill, chunked prefill and decoding.
    /// </summary>
    /// <param name="output">[T, H, HeadDim], =.</param>
    public void CachedAttention(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Heads(shape);
        Expect.Batch(batch);
        Expect.Floating(queryKeyValue, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim));
        Expect.Elements(output, queryKeyValue.DType, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Pages(cache, queryKeyValue.DType, batch, shape);
        CachedAttentionCore(output, cache, queryKeyValue, batch, shape);
    }
}

/// <summary>The key and value pages of one layer.</summary>
/// <param name="Keys">[pages, KvH, <see cref="PageTable.PageTokens"/>, HeadDim].</param>
/// <param name="Values">[pages, KvH, <see cref="PageTable.PageTokens"/>, HeadDim].</param>
public readonly record struct KeyValuePages(Tensor Keys, Tensor Values);
