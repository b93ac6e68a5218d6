using System.Runtime.CompilerServices;

namespace Rebound.Engine;

/// <content>
/// Operations of a forward that no backward follows, made of two or three others. A backend that computes them at once may round in
/// other places, within what each of them may be off by.
/// </content>
public abstract partial class Backend
{
    /// <summary><see cref="RotaryForward"/>, then <see cref="CacheAppend"/>.</summary>
    /// <param name="cache">One layer's pages.</param>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim], in place.</param>
    /// <param name="rotary">Angles for at least every position of the batch.</param>
    /// <param name="batch">Document d is new tokens of sequence d of its pages.</param>
    public void RotaryAppend(
        KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Rotation(queryKeyValue, rotary, batch, shape);
        Expect.Pages(cache, queryKeyValue.DType, batch, shape);
        RotaryAppendCore(cache, queryKeyValue, rotary, batch, shape);
    }

    /// <summary><see cref="RotaryAppend"/>, then <see cref="CachedAttention"/>.</summary>
    /// <param name="output">[T, H, HeadDim], =.</param>
    /// <param name="cache">One layer's pages.</param>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim], undefined afterwards.</param>
    /// <param name="rotary">Angles for at least every position of the batch.</param>
    /// <param name="batch">Document d is new tokens of sequence d of its pages.</param>
    public void RotaryAttention(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        Expect.Rotation(queryKeyValue, rotary, batch, shape);
        Expect.Elements(output, queryKeyValue.DType, new Shape(batch.TokenCount, shape.QueryHeads, shape.HeadDim));
        Expect.Pages(cache, queryKeyValue.DType, batch, shape);
        RotaryAttentionCore(output, cache, queryKeyValue, rotary, batch, shape);
    }

    /// <summary><c>output = norm(input) · weightᵀ + bias</c>: <see cref="RmsNormForward"/>, then the linear layer.</summary>
    /// <param name="output">[T, N], =.</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="bias">[N], or empty for none.</param>
    public void NormLinearForward(Tensor output, in NormedInput input, Tensor weight, Tensor bias)
    {
        var (rows, outer) = Check(input, weight, bias);
        Expect.Elements(output, input.Input.DType, new Shape(rows, outer));
        NormLinearForwardCore(output, input, weight, bias);
    }

    /// <summary>
    /// <c>output = silu(gate) · up</c> where <c>[gate, up] = norm(input) · weightᵀ + bias</c>: <see cref="NormLinearForward"/>, then
    /// <see cref="SwiGluForward"/>.
    /// </summary>
    /// <param name="output">[T, F], =.</param>
    /// <param name="gateUp">[T, 2·F], scratch: undefined afterwards.</param>
    /// <param name="weight">[2·F, K]: gate, then up.</param>
    /// <param name="bias">[2·F], or empty for none.</param>
    public void NormGatedForward(Tensor output, Tensor gateUp, in NormedInput input, Tensor weight, Tensor bias)
    {
        var (rows, outer) = Check(input, weight, bias);
        Expect.Elements(gateUp, input.Input.DType, new Shape(rows, outer));
        if (outer % 2 != 0)
        {
            throw new ShapeException(nameof(NormGatedForward), nameof(weight), "of as many gate rows as up rows", $"of {outer} rows");
        }

        Expect.Elements(output, input.Input.DType, new Shape(rows, outer / 2));

        NormGatedForwardCore(output, gateUp, input, weight, bias);
    }

    protected virtual void RotaryAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        RotaryForwardCore(queryKeyValue, rotary, batch, shape);
        CacheAppendCore(cache, queryKeyValue, batch, shape);
    }

    protected virtual void RotaryAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        RotaryAppendCore(cache, queryKeyValue, rotary, batch, shape);
        CachedAttentionCore(output, cache, queryKeyValue, batch, shape);
    }

    protected virtual void NormLinearForwardCore(Tensor output, in NormedInput input, Tensor weight, Tensor bias)
    {
        RmsNormForwardCore(input.Normed, input.ReciprocalRms, input.Input, input.Weight, input.Epsilon);
        LinearForwardCore(output, input.Normed, weight, bias, accumulate: false, mayRound: input.MayRound);
    }

    protected virtual void NormGatedForwardCore(Tensor output, Tensor gateUp, in NormedInput input, Tensor weight, Tensor bias)
    {
        NormLinearForwardCore(gateUp, input, weight, bias);
        SwiGluForwardCore(output, gateUp);
    }

    /// <returns>Rows and columns of the product.</returns>
    private (int Rows, int Outer) Check(in NormedInput input, Tensor weight, Tensor bias, [CallerMemberName] string operation = "")
    {
        Expect.Matrix(input.Input, operation);
        Expect.Weight(weight, input.Input.DType, columns: input.Input.Shape[1], operation: operation);
        var (type, shape, outer) = (input.Input.DType, input.Input.Shape, weight.Shape[0]);
        Expect.Elements(input.Weight, type, new Shape(shape[1]), operation);
        Expect.Elements(input.Normed, type, shape, operation);
        Expect.Floats(input.ReciprocalRms, new Shape(shape[0]), operation);
        Expect.ElementsOrEmpty(bias, type, new Shape(outer), operation);
        return (shape[0], outer);
    }
}

/// <summary>An input that an operation is to norm, and room for doing so.</summary>
/// <param name="Input">[T, K].</param>
/// <param name="Weight">[K], the norm's.</param>
/// <param name="Epsilon">As in <see cref="Backend.RmsNormForward"/>.</param>
/// <param name="Normed">[T, K], scratch: undefined afterwards.</param>
/// <param name="ReciprocalRms">[T], fp32, scratch: undefined afterwards.</param>
/// <param name="MayRound">Whether what was normed may be rounded to eight bits for a product with blocks.</param>
public readonly record struct NormedInput(Tensor Input, Tensor Weight, float Epsilon, Tensor Normed, Tensor ReciprocalRms,
    bool MayRound = false);
