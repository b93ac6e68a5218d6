using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>
/// The CPU's backend with every result of an operation rounded to fewer bits, up or down at random with the chances that make
/// it right on average, so that several seeds show what rounding can do to a model. What a backend of bf16 keeps in fp32 —
/// reciprocal root mean squares, log-sum-exps, losses — is left, and so are gradients of weights, which nothing reads on.
/// </summary>
internal sealed unsafe class RoundingBackend(CpuBackend inner) : Backend
{
    /// <summary>Of fp32: results of so many bits are left as they are.</summary>
    public const int SignificandBits = 24;

    private uint _mask;
    private ulong _seed;
    private ulong _results;

    public override string Description => inner.Description;

    public override bool IsHostMemory => true;

    /// <summary>Begins a run.</summary>
    /// <param name="bits">Of the significands of results: 8 as in bf16, 24 as in fp32.</param>
    public void Begin(int bits, ulong seed)
    {
        _mask = (1u << (SignificandBits - bits)) - 1;
        (_seed, _results) = (seed, 0);
    }

    public override Arena Allocate(ArenaPlan plan) => inner.Allocate(plan);

    public override void CopyFromHost<T>(Tensor destination, ReadOnlySpan<T> source) => inner.CopyFromHost(destination, source);

    public override void CopyToHost<T>(Span<T> destination, Tensor source) => inner.CopyToHost(destination, source);

    public override void Fill(Tensor tensor, float value) => inner.Fill(tensor, value);

    public override void GatherRows(Tensor output, Tensor input, ReadOnlySpan<int> rows) => inner.GatherRows(output, input, rows);

    public override void ScatterRows(Tensor output, Tensor input, ReadOnlySpan<int> rows) => inner.ScatterRows(output, input, rows);

    public override void EmbeddingForward(Tensor output, Tensor weight, PackedBatch batch) =>
        inner.EmbeddingForward(output, weight, batch);

    public override void EmbeddingBackward(Tensor dWeight, Tensor dOutput, PackedBatch batch) =>
        inner.EmbeddingBackward(dWeight, dOutput, batch);

    public override void Add(Tensor destination, Tensor source)
    {
        inner.Add(destination, source);
        Round(destination);
    }

    public override void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate = false)
    {
        inner.LinearForward(output, input, weight, bias, accumulate);
        Round(output);
    }

    /// <inheritdoc/>
    /// <remarks>Rounded once: the product is added to the residual before it is stored.</remarks>
    public override void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual)
    {
        inner.LinearForward(output, input, weight, bias, residual);
        Round(output);
    }

    public override void LinearBackwardInput(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate = false)
    {
        inner.LinearBackwardInput(dInput, dOutput, weight, accumulate);
        Round(dInput);
    }

    public override void LinearBackwardWeight(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input) =>
        inner.LinearBackwardWeight(dWeight, dBias, dOutput, input);

    public override void RmsNormForward(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        inner.RmsNormForward(output, reciprocalRms, input, weight, epsilon);
        Round(output);
    }

    public override void RmsNormBackward(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        inner.RmsNormBackward(dInput, dWeight, output, dOutput, input, weight, reciprocalRms);
        Round(dInput);
        Round(output);
    }

    public override void QueryKeyNormForward(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        inner.QueryKeyNormForward(output, reciprocalRms, input, queryWeight, keyWeight, shape, epsilon);
        Round(output);
    }

    public override void QueryKeyNormBackward(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        inner.QueryKeyNormBackward(dInput, dQueryWeight, dKeyWeight, dOutput, input, queryWeight, keyWeight, reciprocalRms, shape);
        Round(dInput);
    }

    public override void RotaryForward(Tensor queryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape)
    {
        inner.RotaryForward(queryKeyValue, rotary, batch, shape);
        Round(queryKeyValue);
    }

    public override void RotaryBackward(Tensor dQueryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape)
    {
        inner.RotaryBackward(dQueryKeyValue, rotary, batch, shape);
        Round(dQueryKeyValue);
    }

    public override void AttentionForward(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch, AttentionShape shape)
    {
        inner.AttentionForward(output, logSumExp, queryKeyValue, batch, shape);
        Round(output);
    }

    public override void AttentionBackward(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch,
        AttentionShape shape)
    {
        inner.AttentionBackward(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);
        Round(dQueryKeyValue);
    }

    public override void SwiGluForward(Tensor output, Tensor gateUp)
    {
        inner.SwiGluForward(output, gateUp);
        Round(output);
    }

    public override void SwiGluBackward(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        inner.SwiGluBackward(dGateUp, output, dOutput, gateUp);
        Round(dGateUp);
        Round(output);
    }

    public override void LinearForward(ColumnRange output, ColumnRange input, Tensor weight)
    {
        inner.LinearForward(output, input, weight);
        Round(output);
    }

    public override void LinearBackwardInput(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        inner.LinearBackwardInput(dInput, dOutput, weight);
        Round(dInput);
    }

    public override void LinearBackwardWeight(Tensor dWeight, ColumnRange dOutput, ColumnRange input) =>
        inner.LinearBackwardWeight(dWeight, dOutput, input);

    public override void Scale(ColumnRange columns, float factor)
    {
        inner.Scale(columns, factor);
        Round(columns);
    }

    public override void Dropout(Tensor output, Tensor input, float rate, ulong seed, bool accumulate = false)
    {
        inner.Dropout(output, input, rate, seed, accumulate);
        Round(output);
    }

    public override int CrossEntropyHeadScratch(int supervisedRows, int vocabulary) =>
        inner.CrossEntropyHeadScratch(supervisedRows, vocabulary);

    public override void CrossEntropyHead(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PackedBatch batch, Tensor scratch,
        float lossScale)
    {
        inner.CrossEntropyHead(losses, dHidden, dWeight, hidden, weight, batch, scratch, lossScale);
        Round(dHidden);
    }

    public override void AdamW(Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step) =>
        inner.AdamW(parameter, gradient, firstMoment, secondMoment, step);

    public override double SumOfSquares(ReadOnlySpan<Tensor> tensors) => inner.SumOfSquares(tensors);

    public override void CacheAppend(
        KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape) =>
        inner.CacheAppend(cache, queryKeyValue, batch, table, shape);

    public override void CachedAttention(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        inner.CachedAttention(output, cache, queryKeyValue, batch, table, shape);
        Round(output);
    }

    public override void Dispose() => inner.Dispose();

    private void Round(Tensor tensor)
    {
        if (!tensor.IsEmpty)
        {
            Round(tensor.AsSpan<float>(), new CounterRandom(_seed, _results++));
        }
    }

    private void Round(ColumnRange columns)
    {
        var random = new CounterRandom(_seed, _results++);
        var (rows, width) = (columns.Matrix.Shape[0], columns.Matrix.Shape[1]);
        var all = columns.Matrix.AsSpan<float>();
        for (var row = 0; row < rows; row++)
        {
            Round(all.Slice((row * width) + columns.First, columns.Count), new CounterRandom(random.Seed, (ulong)row));
        }
    }

    private void Round(Span<float> values, CounterRandom random)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i]))
            {
                var noise = (uint)(random.Uniform((ulong)i) * (_mask + 1.0));
                values[i] = BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(values[i]) + noise) & ~_mask);
            }
        }
    }
}
