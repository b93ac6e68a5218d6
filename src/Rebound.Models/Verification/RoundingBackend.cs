using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>
/// The CPU's backend with every result of an operation rounded to fewer bits, up or down at random with the chances that make
/// it right on average, so that several seeds show what rounding can do to a model. What a backend of bf16 keeps in fp32 —
/// reciprocal root mean squares, log-sum-exps, losses — is left, and so are gradients of weights, which nothing reads on.
/// </summary>
internal sealed unsafe class RoundingBackend(CpuBackend inner) : PassThroughBackend(inner)
{
    /// <summary>Of fp32: results of so many bits are left as they are.</summary>
    public const int SignificandBits = 24;

    private uint _mask;
    private ulong _seed;
    private ulong _results;

    /// <inheritdoc/>
    /// <remarks>None: what a row is rounded by depends on the operations before it.</remarks>
    public override int? BatchInvariantRows => null;

    /// <summary>Begins a run.</summary>
    /// <param name="bits">Of the significands of results: 8 as in bf16, 24 as in fp32.</param>
    public void Begin(int bits, ulong seed)
    {
        _mask = (1u << (SignificandBits - bits)) - 1;
        (_seed, _results) = (seed, 0);
    }

    protected override void AddCore(Tensor destination, Tensor source)
    {
        base.AddCore(destination, source);
        Round(destination);
    }

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate, bool mayRound)
    {
        base.LinearForwardCore(output, input, weight, bias, accumulate, mayRound);
        Round(output);
    }

    /// <remarks>Rounded once: the product is added to the residual before it is stored.</remarks>
    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound)
    {
        base.LinearForwardCore(output, input, weight, bias, residual, mayRound);
        Round(output);
    }

    protected override void LinearBackwardInputCore(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate)
    {
        base.LinearBackwardInputCore(dInput, dOutput, weight, accumulate);
        Round(dInput);
    }

    protected override void RmsNormForwardCore(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        base.RmsNormForwardCore(output, reciprocalRms, input, weight, epsilon);
        Round(output);
    }

    protected override void RmsNormBackwardCore(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        base.RmsNormBackwardCore(dInput, dWeight, output, dOutput, input, weight, reciprocalRms);
        Round(dInput);
        Round(output);
    }

    protected override void QueryKeyNormForwardCore(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        base.QueryKeyNormForwardCore(output, reciprocalRms, input, queryWeight, keyWeight, shape, epsilon);
        Round(output);
    }

    protected override void QueryKeyNormBackwardCore(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        base.QueryKeyNormBackwardCore(dInput, dQueryWeight, dKeyWeight, dOutput, input, queryWeight, keyWeight, reciprocalRms, shape);
        Round(dInput);
    }

    protected override void RotaryForwardCore(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        base.RotaryForwardCore(queryKeyValue, rotary, batch, shape);
        Round(queryKeyValue);
    }

    protected override void RotaryBackwardCore(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        base.RotaryBackwardCore(dQueryKeyValue, rotary, batch, shape);
        Round(dQueryKeyValue);
    }

    protected override void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        base.AttentionForwardCore(output, logSumExp, queryKeyValue, batch, shape);
        Round(output);
    }

    protected override void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape)
    {
        base.AttentionBackwardCore(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);
        Round(dQueryKeyValue);
    }

    protected override void SwiGluForwardCore(Tensor output, Tensor gateUp)
    {
        base.SwiGluForwardCore(output, gateUp);
        Round(output);
    }

    protected override void SwiGluBackwardCore(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        base.SwiGluBackwardCore(dGateUp, output, dOutput, gateUp);
        Round(dGateUp);
        Round(output);
    }

    protected override void LinearForwardCore(ColumnRange output, ColumnRange input, Tensor weight)
    {
        base.LinearForwardCore(output, input, weight);
        Round(output);
    }

    protected override void LinearBackwardInputCore(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        base.LinearBackwardInputCore(dInput, dOutput, weight);
        Round(dInput);
    }

    protected override void ScaleCore(ColumnRange columns, float factor)
    {
        base.ScaleCore(columns, factor);
        Round(columns);
    }

    protected override void DropoutCore(Tensor output, Tensor input, float rate, uint threshold, ulong seed, bool accumulate)
    {
        base.DropoutCore(output, input, rate, threshold, seed, accumulate);
        Round(output);
    }

    protected override void CrossEntropyHeadCore(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights)
    {
        base.CrossEntropyHeadCore(losses, dHidden, dWeight, hidden, weight, batch, scratch, lossScale, rowWeights);
        Round(dHidden);
    }

    protected override void CachedAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        base.CachedAttentionCore(output, cache, queryKeyValue, batch, shape);
        Round(output);
    }

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
