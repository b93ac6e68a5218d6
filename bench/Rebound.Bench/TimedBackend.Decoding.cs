using Rebound.Engine;

namespace Rebound.Bench;

/// <content>What decoding has of its own: the cache, draws, operations of several in one, and recordings.</content>
internal sealed partial class TimedBackend
{
    protected override void CacheAppendCore(KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        using var time = Time("cache append", 4 * KeyValueBytes(batch.TokenCount, cache, shape));
        base.CacheAppendCore(cache, queryKeyValue, batch, shape);
    }

    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        var (cached, pairs) = AttentionFlops.OfCached(batch.Batch);
        using var time = Time(
            "cached attention", Bytes(output, output) + (2 * KeyValueBytes(cached, cache, shape)),
            4 * pairs * shape.QueryHeads * shape.HeadDim);
        base.CachedAttentionCore(output, cache, queryKeyValue, batch, shape);
    }

    protected override void SampleCore(PreparedSampling sampling, Tensor logits, int first, int count)
    {
        using var time = Time("sampling", Bytes(logits));
        base.SampleCore(sampling, logits, first, count);
    }

    protected override void RotaryAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        using var time = Time(
            "rotary, cache append", RotatedBytes(queryKeyValue, shape) + (2 * KeyValueBytes(batch.TokenCount, cache, shape)));
        _cuda.RotaryAppend(cache, queryKeyValue, rotary, batch, shape);
    }

    protected override void RotaryAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        var (cached, pairs) = AttentionFlops.OfCached(batch.Batch);
        using var time = Time(
            "rotary, cached attention", Bytes(output, output, queryKeyValue) + (2 * KeyValueBytes(cached, cache, shape)),
            4 * pairs * shape.QueryHeads * shape.HeadDim);
        _cuda.RotaryAttention(output, cache, queryKeyValue, rotary, batch, shape);
    }

    protected override void NormLinearForwardCore(Tensor output, in NormedInput input, Tensor weight, Tensor bias)
    {
        var (rows, inner) = (input.Input.Shape[0], input.Input.Shape[1]);
        using var time = Product(rows, weight.Shape[0], inner, Bytes(output, input.Input, weight), "forward, normed");
        _cuda.NormLinearForward(output, input, weight, bias);
    }

    protected override void NormGatedForwardCore(Tensor output, Tensor gateUp, in NormedInput input, Tensor weight, Tensor bias)
    {
        var (rows, inner) = (input.Input.Shape[0], input.Input.Shape[1]);
        using var time = Product(rows, weight.Shape[0], inner, Bytes(output, input.Input, weight), "forward, normed and gated");
        _cuda.NormGatedForward(output, gateUp, input, weight, bias);
    }

    /// <summary>What is recorded; while operations are timed it is run one by one, as events of a CUDA graph cannot be read.</summary>
    protected override Recording RecordCore(Action operations)
    {
        var wasTiming = IsTiming;
        IsTiming = false;
        try
        {
            return new TimedRecording(this, base.RecordCore(operations), operations);
        }
        finally
        {
            IsTiming = wasTiming;
        }
    }

    /// <summary>Of the keys, or of the values, of so many tokens.</summary>
    private static double KeyValueBytes(double tokens, KeyValuePages cache, AttentionShape shape) =>
        tokens * shape.KeyValueHeads * shape.HeadDim * cache.Keys.DType.SizeInBytes();

    private sealed class TimedRecording(TimedBackend backend, Recording recorded, Action operations) : Recording
    {
        public override bool IsValid => recorded.IsValid;

        public override void Dispose() => recorded.Dispose();

        protected override void RunCore()
        {
            if (backend.IsTiming)
            {
                operations();
            }
            else
            {
                recorded.Run();
            }
        }
    }
}
