namespace Rebound.Engine;

/// <summary>
/// A backend that forwards every operation to another one, over the same tensors. A derived class overrides the operations
/// that it adds something to.
/// </summary>
public abstract class PassThroughBackend : Backend
{
    private readonly Backend _inner;

    /// <param name="inner">Disposed of with this one.</param>
    protected PassThroughBackend(Backend inner)
        : base(inner) => _inner = inner;

    public override string Description => _inner.Description;

    public override DType ElementType => _inner.ElementType;

    public override long? FreeBytes => _inner.FreeBytes;

    public override long? PeakBytes => _inner.PeakBytes;

    public override int? BatchInvariantRows => _inner.BatchInvariantRows;

    public override bool CanRecord => _inner.CanRecord;

    public override Arena Allocate(ArenaPlan plan) => _inner.Allocate(plan);

    public override PreparedBatch AllocateBatch(BatchCapacity capacity) => _inner.AllocateBatch(capacity);

    public override HostCopies OpenHostCopies(int marks) => _inner.OpenHostCopies(marks);

    public override int CrossEntropyHeadScratch(int supervisedRows, int vocabulary) =>
        _inner.CrossEntropyHeadScratch(supervisedRows, vocabulary);

    public override TensorSpec StoredSpec(string name, Shape shape, DType type) => _inner.StoredSpec(name, shape, type);

    public override long StoredScratchBytes(long largest) => _inner.StoredScratchBytes(largest);

    public override bool Follows(Tensor lower, Tensor upper) => _inner.Follows(lower, upper);

    public override void Dispose()
    {
        _inner.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override Recording RecordCore(Action operations) => _inner.Record(operations);

    protected override void CopyFromHostCore<T>(Tensor destination, ReadOnlySpan<T> source) => _inner.CopyFromHost(destination, source);

    protected override void CopyToHostCore<T>(Span<T> destination, Tensor source) => _inner.CopyToHost(destination, source);

    protected override void StoreCore(Tensor destination, ReadOnlySpan<byte> blocks) => _inner.Store(destination, blocks);

    protected override void ReadStoredCore(Tensor weight, int firstRow, Span<float> values) =>
        _inner.ReadStored(weight, firstRow, values);

    protected override void FillCore(Tensor tensor, float value) => _inner.Fill(tensor, value);

    protected override void CopyCore(Tensor destination, Tensor source) => _inner.Copy(destination, source);

    protected override void AddCore(Tensor destination, Tensor source) => _inner.Add(destination, source);

    protected override void GatherRowsCore(Tensor output, Tensor input, PreparedBatch batch) => _inner.GatherRows(output, input, batch);

    protected override void ScatterRowsCore(Tensor output, Tensor input, PreparedBatch batch) => _inner.ScatterRows(output, input, batch);

    protected override void EmbeddingForwardCore(Tensor output, Tensor weight, PreparedBatch batch) =>
        _inner.EmbeddingForward(output, weight, batch);

    protected override void EmbeddingBackwardCore(Tensor dWeight, Tensor dOutput, PreparedBatch batch) =>
        _inner.EmbeddingBackward(dWeight, dOutput, batch);

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate, bool mayRound) =>
        _inner.LinearForward(output, input, weight, bias, accumulate, mayRound);

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound) =>
        _inner.LinearForward(output, input, weight, bias, residual, mayRound);

    protected override void LinearBackwardInputCore(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate) =>
        _inner.LinearBackwardInput(dInput, dOutput, weight, accumulate);

    protected override void LinearBackwardWeightCore(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input) =>
        _inner.LinearBackwardWeight(dWeight, dBias, dOutput, input);

    protected override void LinearForwardCore(ColumnRange output, ColumnRange input, Tensor weight) =>
        _inner.LinearForward(output, input, weight);

    protected override void LinearBackwardInputCore(ColumnRange dInput, ColumnRange dOutput, Tensor weight) =>
        _inner.LinearBackwardInput(dInput, dOutput, weight);

    protected override void LinearBackwardWeightCore(Tensor dWeight, ColumnRange dOutput, ColumnRange input) =>
        _inner.LinearBackwardWeight(dWeight, dOutput, input);

    protected override void ScaleCore(ColumnRange columns, float factor) => _inner.Scale(columns, factor);

    protected override void DropoutCore(Tensor output, Tensor input, float rate, uint threshold, ulong seed, bool accumulate) =>
        _inner.Dropout(output, input, rate, seed, accumulate);

    protected override void RmsNormForwardCore(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon) =>
        _inner.RmsNormForward(output, reciprocalRms, input, weight, epsilon);

    protected override void RmsNormBackwardCore(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms) =>
        _inner.RmsNormBackward(dInput, dWeight, output, dOutput, input, weight, reciprocalRms);

    protected override void QueryKeyNormForwardCore(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon) =>
        _inner.QueryKeyNormForward(output, reciprocalRms, input, queryWeight, keyWeight, shape, epsilon);

    protected override void QueryKeyNormBackwardCore(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape) =>
        _inner.QueryKeyNormBackward(dInput, dQueryWeight, dKeyWeight, dOutput, input, queryWeight, keyWeight, reciprocalRms, shape);

    protected override void RotaryForwardCore(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape) =>
        _inner.RotaryForward(queryKeyValue, rotary, batch, shape);

    protected override void RotaryBackwardCore(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape) =>
        _inner.RotaryBackward(dQueryKeyValue, rotary, batch, shape);

    protected override void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape) =>
        _inner.AttentionForward(output, logSumExp, queryKeyValue, batch, shape);

    protected override void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape) =>
        _inner.AttentionBackward(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);

    protected override void SwiGluForwardCore(Tensor output, Tensor gateUp) => _inner.SwiGluForward(output, gateUp);

    protected override void SwiGluBackwardCore(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp) =>
        _inner.SwiGluBackward(dGateUp, output, dOutput, gateUp);

    protected override void CacheAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape) =>
        _inner.CacheAppend(cache, queryKeyValue, batch, shape);

    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape) =>
        _inner.CachedAttention(output, cache, queryKeyValue, batch, shape);

    protected override PreparedSampling AllocateSamplingCore(int rows, int vocabulary) => _inner.AllocateSampling(rows, vocabulary);

    protected override void SampleCore(PreparedSampling sampling, Tensor logits, int first, int count) =>
        _inner.Sample(sampling, logits, first, count);

    protected override void FeedDrawnCore(PreparedBatch batch, PreparedSampling sampling) => _inner.FeedDrawn(batch, sampling);

    protected override void CrossEntropyHeadCore(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights) =>
        _inner.CrossEntropyHead(losses, dHidden, dWeight, hidden, weight, batch, scratch, lossScale, rowWeights);

    protected override void AdamWCore(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step) =>
        _inner.AdamW(parameter, gradient, firstMoment, secondMoment, step);

    protected override void AdamWSplitCore(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step) =>
        _inner.AdamWSplit(parameter, lower, gradient, firstMoment, secondMoment, step);

    protected override double SumOfSquaresCore(ReadOnlySpan<Tensor> tensors) => _inner.SumOfSquares(tensors);
}
