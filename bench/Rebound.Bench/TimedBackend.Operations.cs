using Rebound.Engine;

namespace Rebound.Bench;

/// <content>Every operation with its family, the bytes of its tensors, each read or written once, and its arithmetic.</content>
internal sealed partial class TimedBackend
{
    private const string Products = "linear";
    private const string Adapters = "linear, low-rank";
    private const string Residual = "residual add";
    private const string Optimizer = "optimizer";

    public override void Fill(Tensor tensor, float value)
    {
        using var time = Time("fill", Bytes(tensor));
        inner.Fill(tensor, value);
    }

    public override void Add(Tensor destination, Tensor source)
    {
        using var time = Time(Residual, Bytes(destination, destination, source));
        inner.Add(destination, source);
    }

    public override void GatherRows(Tensor output, Tensor input, ReadOnlySpan<int> rows)
    {
        using var time = Time("gather", 2 * Bytes(output));
        inner.GatherRows(output, input, rows);
    }

    public override void ScatterRows(Tensor output, Tensor input, ReadOnlySpan<int> rows)
    {
        using var time = Time("scatter", Bytes(output, input));
        inner.ScatterRows(output, input, rows);
    }

    public override void EmbeddingForward(Tensor output, Tensor weight, PackedBatch batch)
    {
        using var time = Time("embedding", 2 * Bytes(output));
        inner.EmbeddingForward(output, weight, batch);
    }

    public override void EmbeddingBackward(Tensor dWeight, Tensor dOutput, PackedBatch batch)
    {
        using var time = Time("embedding", 3 * Bytes(dOutput));
        inner.EmbeddingBackward(dWeight, dOutput, batch);
    }

    public override void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate = false)
    {
        using var time = Product(output.Shape[0], output.Shape[1], input.Shape[1], Bytes(output, input, weight), "forward");
        inner.LinearForward(output, input, weight, bias, accumulate);
    }

    public override void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual)
    {
        using var time = Product(output.Shape[0], output.Shape[1], input.Shape[1], Bytes(output, residual, input, weight), "forward");
        inner.LinearForward(output, input, weight, bias, residual);
    }

    public override void LinearBackwardInput(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate = false)
    {
        using var time = Product(dInput.Shape[0], dInput.Shape[1], dOutput.Shape[1], Bytes(dInput, dOutput, weight), "dInput");
        inner.LinearBackwardInput(dInput, dOutput, weight, accumulate);
    }

    public override void LinearBackwardWeight(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input)
    {
        using var time = Product(input.Shape[0], dWeight.Shape[0], dWeight.Shape[1], Bytes(dWeight, dWeight, dOutput, input), "dWeight");
        inner.LinearBackwardWeight(dWeight, dBias, dOutput, input);
    }

    public override void LinearForward(ColumnRange output, ColumnRange input, Tensor weight)
    {
        using var time = LowRank(output, output, input);
        inner.LinearForward(output, input, weight);
    }

    public override void LinearBackwardInput(ColumnRange dInput, ColumnRange dOutput, Tensor weight)
    {
        using var time = LowRank(dInput, dOutput);
        inner.LinearBackwardInput(dInput, dOutput, weight);
    }

    public override void LinearBackwardWeight(Tensor dWeight, ColumnRange dOutput, ColumnRange input)
    {
        using var time = LowRank(dOutput, input);
        inner.LinearBackwardWeight(dWeight, dOutput, input);
    }

    public override void Scale(ColumnRange columns, float factor)
    {
        using var time = LowRank(columns, columns);
        inner.Scale(columns, factor);
    }

    public override void Dropout(Tensor output, Tensor input, float rate, ulong seed, bool accumulate = false)
    {
        using var time = Time("dropout", Bytes(output, input));
        inner.Dropout(output, input, rate, seed, accumulate);
    }

    public override void RmsNormForward(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        using var time = Time("RMSNorm forward", Bytes(output, input));
        inner.RmsNormForward(output, reciprocalRms, input, weight, epsilon);
    }

    public override void RmsNormBackward(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        using var time = Time("RMSNorm backward", Bytes(dInput, dInput, output, dOutput, input));
        inner.RmsNormBackward(dInput, dWeight, output, dOutput, input, weight, reciprocalRms);
    }

    public override void QueryKeyNormForward(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        using var time = Time("head norm", Bytes(output, input));
        inner.QueryKeyNormForward(output, reciprocalRms, input, queryWeight, keyWeight, shape, epsilon);
    }

    public override void QueryKeyNormBackward(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        using var time = Time("head norm", Bytes(dInput, dOutput, input));
        inner.QueryKeyNormBackward(dInput, dQueryWeight, dKeyWeight, dOutput, input, queryWeight, keyWeight, reciprocalRms, shape);
    }

    public override void RotaryForward(Tensor queryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape)
    {
        using var time = Time("rotary", RotatedBytes(queryKeyValue, shape));
        inner.RotaryForward(queryKeyValue, rotary, batch, shape);
    }

    public override void RotaryBackward(Tensor dQueryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape)
    {
        using var time = Time("rotary", RotatedBytes(dQueryKeyValue, shape));
        inner.RotaryBackward(dQueryKeyValue, rotary, batch, shape);
    }

    public override void AttentionForward(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch, AttentionShape shape)
    {
        using var time = Time("attention forward", Bytes(output, queryKeyValue), 2 * AttentionFlops.OfProduct(batch, shape));
        inner.AttentionForward(output, logSumExp, queryKeyValue, batch, shape);
    }

    public override void AttentionBackward(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch,
        AttentionShape shape)
    {
        using var time = Time(
            "attention backward", Bytes(dQueryKeyValue, dOutput, output, queryKeyValue), 5 * AttentionFlops.OfProduct(batch, shape));
        inner.AttentionBackward(dQueryKeyValue, dOutput, output, logSumExp, queryKeyValue, batch, shape);
    }

    public override void SwiGluForward(Tensor output, Tensor gateUp)
    {
        using var time = Time("SwiGLU forward", Bytes(output, gateUp));
        inner.SwiGluForward(output, gateUp);
    }

    public override void SwiGluBackward(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        using var time = Time("SwiGLU backward", Bytes(dGateUp, output, dOutput, gateUp));
        inner.SwiGluBackward(dGateUp, output, dOutput, gateUp);
    }

    public override void CacheAppend(
        KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape) =>
        inner.CacheAppend(cache, queryKeyValue, batch, table, shape);

    public override void CachedAttention(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, PackedBatch batch, PageTable table, AttentionShape shape) =>
        inner.CachedAttention(output, cache, queryKeyValue, batch, table, shape);

    public override int CrossEntropyHeadScratch(int supervisedRows, int vocabulary) =>
        inner.CrossEntropyHeadScratch(supervisedRows, vocabulary);

    public override void CrossEntropyHead(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PackedBatch batch, Tensor scratch,
        float lossScale)
    {
        var products = 1 + (dHidden.IsEmpty ? 0 : 1) + (dWeight.IsEmpty ? 0 : 1);
        using var time = Time(
            "head and cross-entropy", Bytes(dHidden, dWeight, hidden, weight), 2.0 * products * losses.Count * weight.Count);
        inner.CrossEntropyHead(losses, dHidden, dWeight, hidden, weight, batch, scratch, lossScale);
    }

    public override void AdamW(Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        using var time = Time(Optimizer, 2 * Bytes(parameter, firstMoment, secondMoment) + Bytes(gradient));
        inner.AdamW(parameter, gradient, firstMoment, secondMoment, step);
    }

    public override void AdamWSplit(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        using var time = Time(Optimizer, 2 * Bytes(parameter, lower, firstMoment, secondMoment) + Bytes(gradient));
        inner.AdamWSplit(parameter, lower, gradient, firstMoment, secondMoment, step);
    }

    public override double SumOfSquares(ReadOnlySpan<Tensor> tensors)
    {
        using var time = Time("gradient norm", Bytes(tensors));
        return inner.SumOfSquares(tensors);
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
