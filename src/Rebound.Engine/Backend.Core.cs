namespace Rebound.Engine;

/// <content>The operations that a backend implements, each of the same name, of tensors that have been checked.</content>
public abstract partial class Backend
{
    protected abstract void CopyFromHostCore<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged;

    protected abstract void CopyToHostCore<T>(Span<T> destination, Tensor source)
        where T : unmanaged;

    protected abstract void FillCore(Tensor tensor, float value);

    protected abstract void CopyCore(Tensor destination, Tensor source);

    protected abstract void AddCore(Tensor destination, Tensor source);

    protected abstract void GatherRowsCore(Tensor output, Tensor input, PreparedBatch batch);

    protected abstract void ScatterRowsCore(Tensor output, Tensor input, PreparedBatch batch);

    protected abstract void EmbeddingForwardCore(Tensor output, Tensor weight, PreparedBatch batch);

    protected abstract void EmbeddingBackwardCore(Tensor dWeight, Tensor dOutput, PreparedBatch batch);

    protected abstract void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate, bool mayRound);

    protected abstract void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound);

    protected abstract void LinearBackwardInputCore(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate);

    protected abstract void LinearBackwardWeightCore(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input);

    protected abstract void LinearForwardCore(ColumnRange output, ColumnRange input, Tensor weight);

    protected abstract void LinearBackwardInputCore(ColumnRange dInput, ColumnRange dOutput, Tensor weight);

    protected abstract void LinearBackwardWeightCore(Tensor dWeight, ColumnRange dOutput, ColumnRange input);

    protected abstract void ScaleCore(ColumnRange columns, float factor);

    /// <param name="threshold">Of <see cref="DropoutMask"/> for the rate.</param>
    protected abstract void DropoutCore(Tensor output, Tensor input, float rate, uint threshold, ulong seed, bool accumulate);

    protected abstract void RmsNormForwardCore(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon);

    protected abstract void RmsNormBackwardCore(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms);

    protected abstract void QueryKeyNormForwardCore(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon);

    protected abstract void QueryKeyNormBackwardCore(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape);

    protected abstract void RotaryForwardCore(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape);

    protected abstract void RotaryBackwardCore(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape);

    protected abstract void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape);

    protected abstract void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape);

    protected abstract void SwiGluForwardCore(Tensor output, Tensor gateUp);

    protected abstract void SwiGluBackwardCore(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp);

    protected abstract void CacheAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape);

    protected abstract void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape);

    protected abstract PreparedSampling AllocateSamplingCore(int rows, int vocabulary);

    protected abstract void SampleCore(PreparedSampling sampling, Tensor logits, int first, int count);

    protected abstract void FeedDrawnCore(PreparedBatch batch, PreparedSampling sampling);

    protected abstract void CrossEntropyHeadCore(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights);

    protected abstract void AdamWCore(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step);

    /// <exception cref="NotSupportedException">The backend keeps parameters in fp32.</exception>
    protected virtual void AdamWSplitCore(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step) =>
        throw new NotSupportedException($"{nameof(AdamWSplit)}: {Description} keeps parameters in fp32 and has {nameof(AdamW)} for them.");

    protected abstract double SumOfSquaresCore(ReadOnlySpan<Tensor> tensors);
}
