using Rebound.Engine;

namespace Rebound.Bench;

/// <content>Every operation with its family, the bytes of its tensors, each read or written once, and its arithmetic.</content>
internal sealed partial class TimedBackend
{
    private const string Products = "linear";
    private const string Adapters = "linear, low-rank";
    private const string Residual = "residual add";
    private const string Optimizer = "optimizer";

    protected override void FillCore(Tensor tensor, float value)
    {
        using var time = Time("fill", Bytes(tensor));
        base.FillCore(tensor, value);
    }

    protected override void AddCore(Tensor destination, Tensor source)
    {
        using var time = Time(Residual, Bytes(destination, destination, source));
        base.AddCore(destination, source);
    }

    protected override void GatherRowsCore(Tensor output, Tensor input, PreparedBatch batch)
    {
        using var time = Time("gather", 2 * Bytes(output));
        base.GatherRowsCore(output, input, batch);
    }

    protected override void ScatterRowsCore(Tensor output, Tensor input, PreparedBatch batch)
    {
        using var time = Time("scatter", Bytes(output, input));
        base.ScatterRowsCore(output, input, batch);
    }

    protected override void EmbeddingForwardCore(Tensor output, Tensor weight, PreparedBatch batch)
    {
        using var time = Time("embedding", 2 * Bytes(output));
        base.EmbeddingForwardCore(output, weight, batch);
    }

    protected override void EmbeddingBackwardCore(Tensor dWeight, Tensor dOutput, PreparedBatch batch)
    {
        using var time = Time("embedding", 3 * Bytes(dOutput));
        base.EmbeddingBackwardCore(dWeight, dOutput, batch);
    }

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate, bool mayRound)
    {
        using var time = Product(output.Shape[0], output.Shape[1], input.Shape[1], Bytes(output, input, weight), "forward");
        base.LinearForwardCore(output, input, weight, bias, accumulate, mayRound);
    }

    protected override void LinearForwardCore(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound)
    {
        using var time = Product(output.Shape[0], output.Shape[1], input.Shape[1], Bytes(output, residual, input, weight), "forward");
        base.LinearForwardCore(output, input, weight, bias, residual, mayRound);
    }

    protected override void LinearBackwardInputCore(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate)
    {
        using var time = Product(dInput.Shape[0], dInput.Shape[1], dOutput.Shape[1], Bytes(dInput, dOutput, weight), "dInput");
        base.LinearBackwardInputCore(dInput, dOutput, weight, accumulate);
    }

    protected override void LinearBackwardWeightCore(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input)
    {
        using var time = Product(input.Shape[0], dWeight.Shape[0], dWeight.Shape[1], Bytes(dWeight, dWeight, dOutput, input), "dWeight");
        base.LinearBackwardWeightCore(dWeight, dBias, dOutput, input);
    }

    protected override void LinearForwardCore(ColumnRange output, ColumnRange input, Tensor weight)
    {
        using var time = LowRank(output, output, input);
        base.LinearForwardCore(output, input, weight);
    }

    protected override void LinearBackwardInputCore(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        using var time = LowRank(dInput, dOutput);
        base.LinearBackwardInputCore(dInput, dOutput, weight);
    }

    protected override void LinearBackwardWeightCore(Tensor dWeight, ColumnRange dOutput, ColumnRange input)
    {
        using var time = LowRank(dOutput, input);
        base.LinearBackwardWeightCore(dWeight, dOutput, input);
    }

    protected override void ScaleCore(ColumnRange columns, float factor)
    {
        using var time = LowRank(columns, columns);
        base.ScaleCore(columns, factor);
    }

    protected override void DropoutCore(Tensor output, Tensor input, float rate, uint threshold, ulong seed, bool accumulate)
    {
        using var time = Time("dropout", Bytes(output, input));
        base.DropoutCore(output, input, rate, threshold, seed, accumulate);
    }

    protected override void RmsNormForwardCore(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        using var time = Time("RMSNorm forward", Bytes(output, input));
        base.RmsNormForwardCore(output, reciprocalRms, input, weight, epsilon);
    }

    protected override void RmsNormBackwardCore(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        using var time = Time("RMSNorm backward", Bytes(dInput, dInput, output, dOutput, input));
        base.RmsNormBackwardCore(dInput, dWeight, output, dOutput, input, weight, reciprocalRms);
    }

    protected override void QueryKeyNormForwardCore(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        using var time = Time("head norm", Bytes(output, input));
        base.QueryKeyNormForwardCore(output, reciprocalRms, input, queryWeight, keyWeight, shape, epsilon);
    }

    protected override void QueryKeyNormBackwardCore(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        using var time = Time("head norm", Bytes(dInput, dOutput, input));
        base.QueryKeyNormBackwardCore(dInput, dQueryWeight, dKeyWeight, dOutput, input, queryWeight, keyWeight, reciprocalRms, shape);
    }

    protected override void RotaryForwardCore(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        using var time = Time("rotary", RotatedBytes(queryKeyValue, shape));
        base.RotaryForwardCore(queryKeyValue, rotary, batch, shape);
    }

    protected override void RotaryBackwardCore(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        using var time = Time("rotary", RotatedBytes(dQueryKeyValue, shape));
        base.RotaryBackwardCore(dQueryKeyValue, rotary, batch, shape);
    }

    protected override void AttentionForwardCore(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape)
    {
        using var time = Time("attention forward", Bytes(output, queryKeyValue), 2 * AttentionFlops.OfProduct(batch.Batch, shape));
        base.AttentionForwardCore(output, logSumExp, queryKeyValue, batch, shape);
    }

    protected override void AttentionBackwardCore(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PreparedBatch batch,
        AttentionShape shape)
    {
        using var time = Time(
            "attention backward", Bytes(dQueryKeyValue, dOutput, output, queryKeyValue), 5 * AttentionFlops.OfProduct(batch.Batch, shape));
        base.AttentionBackwardCore(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);
    }

    protected override void SwiGluForwardCore(Tensor output, Tensor gateUp)
    {
        using var time = Time("SwiGLU forward", Bytes(output, gateUp));
        base.SwiGluForwardCore(output, gateUp);
    }

    protected override void SwiGluBackwardCore(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        using var time = Time("SwiGLU backward", Bytes(dGateUp, output, dOutput, gateUp));
        base.SwiGluBackwardCore(dGateUp, output, dOutput, gateUp);
    }

    protected override void CrossEntropyHeadCore(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights)
    {
        var products = 1 + (dHidden.IsEmpty ? 0 : 1) + (dWeight.IsEmpty ? 0 : 1);
        using var time = Time(
            "head and cross-entropy", Bytes(dHidden, dWeight, hidden, weight), 2.0 * products * losses.Count * weight.Count);
        base.CrossEntropyHeadCore(losses, dHidden, dWeight, hidden, weight, batch, scratch, lossScale, rowWeights);
    }

    protected override void AdamWCore(Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        using var time = Time(Optimizer, 2 * Bytes(parameter, firstMoment, secondMoment) + Bytes(gradient));
        base.AdamWCore(parameter, gradient, firstMoment, secondMoment, step);
    }

    protected override void AdamWSplitCore(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        using var time = Time(Optimizer, 2 * Bytes(parameter, lower, firstMoment, secondMoment) + Bytes(gradient));
        base.AdamWSplitCore(parameter, lower, gradient, firstMoment, secondMoment, step);
    }

    protected override double SumOfSquaresCore(ReadOnlySpan<Tensor> tensors)
    {
        using var time = Time("gradient norm", Bytes(tensors));
        return base.SumOfSquaresCore(tensors);
    }

    /// <summary>The products of a layer of the model, or of an adapter's A, which has few rows.</summary>
    private Scope Product(long rows, long outer, long shared, double bytes, string direction) => Time(
        Math.Min(outer, shared) <= WidestAdapter ? Adapters : $"{Products} {direction}", bytes, 2.0 * rows * outer * shared);

    private Scope LowRank(params ReadOnlySpan<ColumnRange> columns)
    {
        var bytes = 0.0;
        foreach (var part in columns)
        {
            bytes += (double)part.Matrix.Shape[0] * part.Count * part.Matrix.DType.SizeInBytes();
        }

        return Time(Adapters, bytes);
    }

    private static double RotatedBytes(Tensor queryKeyValue, AttentionShape shape) =>
        2 * Bytes(queryKeyValue) * (shape.QueryHeads + shape.KeyValueHeads) / shape.FusedHeads;
}
