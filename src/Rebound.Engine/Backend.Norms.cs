namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary>
    /// <c>output = input · r · weight</c> with <c>r = 1 / √(mean(input²) + epsilon)</c> per row
    /// (Zhang and Sennrich 2019, arXiv 1910.07467).
    /// </summary>
    /// <param name="output">[T, C], =.</param>
    /// <param name="reciprocalRms">[T], =: r, kept for the backward.</param>
    /// <param name="input">[T, C].</param>
    /// <param name="weight">[C].</param>
    public void RmsNormForward(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        Expect.Matrix(input);
        Expect.Elements(output, input.DType, input.Shape);
        Expect.Floats(reciprocalRms, new Shape(input.Shape[0]));
        Expect.Elements(weight, input.DType, new Shape(input.Shape[1]));
        RmsNormForwardCore(output, reciprocalRms, input, weight, epsilon);
    }

    /// <summary>Backward of <see cref="RmsNormForward"/>.</summary>
    /// <param name="dInput">[T, C], +=: it joins the residual stream's gradient.</param>
    /// <param name="dWeight">[C], +=, or empty when the weight is frozen.</param>
    /// <param name="output">
    /// [T, C], =: bit for bit what the forward wrote, so that nobody has to keep it; may be <paramref name="dOutput"/> itself.
    /// Empty to leave it.
    /// </param>
    /// <param name="dOutput">[T, C].</param>
    public void RmsNormBackward(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        Expect.Matrix(input);
        var hidden = new Shape(input.Shape[1]);
        Expect.Elements(dInput, input.DType, input.Shape);
        Expect.FloatingOrEmpty(dWeight, hidden);
        Expect.ElementsOrEmpty(output, input.DType, input.Shape);
        Expect.Elements(dOutput, input.DType, input.Shape);
        Expect.Elements(weight, input.DType, hidden);
        Expect.Floats(reciprocalRms, new Shape(input.Shape[0]));
        RmsNormBackwardCore(dInput, dWeight, output, dOutput, input, weight, reciprocalRms);
    }

    /// <summary>
    /// RMSNorm of every query head with <paramref name="queryWeight"/> and of every key head with
    /// <paramref name="keyWeight"/> over HeadDim (Qwen3); value heads are copied.
    /// </summary>
    /// <param name="output">[T, H + 2·KvH, HeadDim], =; not <paramref name="input"/>, which the backward needs.</param>
    /// <param name="reciprocalRms">[T, H + KvH], =.</param>
    /// <param name="input">[T, H + 2·KvH, HeadDim].</param>
    /// <param name="queryWeight">[HeadDim].</param>
    /// <param name="keyWeight">[HeadDim].</param>
    public void QueryKeyNormForward(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        Expect.Heads(shape);
        var (tokens, head) = (Expect.FusedHeads(input, shape), new Shape(shape.HeadDim));
        Expect.Elements(output, input.DType, input.Shape);
        Expect.Floats(reciprocalRms, new Shape(tokens, shape.QueryHeads + shape.KeyValueHeads));
        Expect.Elements(queryWeight, input.DType, head);
        Expect.Elements(keyWeight, input.DType, head);
        if (output.Address == input.Address)
        {
            throw new ArgumentException("QueryKeyNormForward: output must not be input, which the backward needs.", nameof(output));
        }

        QueryKeyNormForwardCore(output, reciprocalRms, input, queryWeight, keyWeight, shape, epsilon);
    }

    /// <summary>Backward of <see cref="QueryKeyNormForward"/>.</summary>
    /// <param name="dInput">[T, H + 2·KvH, HeadDim], =; may be <paramref name="dOutput"/> itself.</param>
    /// <param name="dQueryWeight">[HeadDim], +=, or empty when frozen.</param>
    /// <param name="dKeyWeight">[HeadDim], +=, or empty when frozen.</param>
    public void QueryKeyNormBackward(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        Expect.Heads(shape);
        var (tokens, head) = (Expect.FusedHeads(input, shape), new Shape(shape.HeadDim));
        Expect.Elements(dInput, input.DType, input.Shape);
        Expect.Elements(dOutput, input.DType, input.Shape);
        Expect.FloatingOrEmpty(dQueryWeight, head);
        Expect.FloatingOrEmpty(dKeyWeight, head);
        Expect.Elements(queryWeight, input.DType, head);
        Expect.Elements(keyWeight, input.DType, head);
        Expect.Floats(reciprocalRms, new Shape(tokens, shape.QueryHeads + shape.KeyValueHeads));
        QueryKeyNormBackwardCore(dInput, dQueryWeight, dKeyWeight, dOutput, input, queryWeight, keyWeight, reciprocalRms, shape);
    }
}
