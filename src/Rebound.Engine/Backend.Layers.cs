namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary><c>output[t] = weight[token[t]]</c>.</summary>
    /// <param name="output">[T, C], =.</param>
    /// <param name="weight">[V, C].</param>
    /// <exception cref="ArgumentException">A token id is outside of the vocabulary; the message names it.</exception>
    public abstract void EmbeddingForward(Tensor output, Tensor weight, PackedBatch batch);

    /// <summary><c>dWeight[token[t]] += dOutput[t]</c>, in a fixed order.</summary>
    /// <param name="dWeight">[V, C], +=.</param>
    /// <param name="dOutput">[T, C].</param>
    public abstract void EmbeddingBackward(Tensor dWeight, Tensor dOutput, PackedBatch batch);

    /// <summary><c>output = input · weightᵀ + bias</c>, or <c>output +=</c> the same (a residual connection).</summary>
    /// <param name="output">[T, N], = or +=. Of the input's type, or fp32 beside bf16 where there is no bias: logits.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="bias">[N], or empty for none.</param>
    public abstract void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate = false);

    /// <summary><c>output = residual + input · weightᵀ + bias</c>: a layer that ends in a residual connection.</summary>
    /// <param name="output">[T, N], =; not <paramref name="residual"/>, which stays as it is.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="bias">[N], or empty for none.</param>
    /// <param name="residual">[T, N].</param>
    public virtual void LinearForward(Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual)
    {
        LinearForward(output, input, weight, bias);
        Add(output, residual);
    }

    /// <summary><c>dInput = dOutput · weight</c>, or <c>dInput +=</c> the same.</summary>
    /// <param name="dInput">[T, K], = or +=.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="weight">[N, K].</param>
    public abstract void LinearBackwardInput(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate = false);

    /// <summary><c>dWeight += dOutputᵀ · input</c> and <c>dBias += Σ_t dOutput[t]</c>.</summary>
    /// <param name="dWeight">[N, K], +=.</param>
    /// <param name="dBias">[N], +=, or empty for none.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="input">[T, K].</param>
    public abstract void LinearBackwardWeight(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input);

    /// <summary>
    /// <c>output = input · r · weight</c> with <c>r = 1 / √(mean(input²) + epsilon)</c> per row
    /// (Zhang and Sennrich 2019, arXiv 1910.07467).
    /// </summary>
    /// <param name="output">[T, C], =.</param>
    /// <param name="reciprocalRms">[T], =: r, kept for the backward.</param>
    /// <param name="input">[T, C].</param>
    /// <param name="weight">[C].</param>
    public abstract void RmsNormForward(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon);

    /// <summary>Backward of <see cref="RmsNormForward"/>.</summary>
    /// <param name="dInput">[T, C], +=: it joins the residual stream's gradient.</param>
    /// <param name="dWeight">[C], +=, or empty when the weight is frozen.</param>
    /// <param name="output">
    /// [T, C], =: bit for bit what the forward wrote, so that nobody has to keep it; may be <paramref name="dOutput"/> itself.
    /// Empty to leave it.
    /// </param>
    /// <param name="dOutput">[T, C].</param>
    public abstract void RmsNormBackward(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms);

    /// <summary>
    /// RMSNorm of every query head with <paramref name="queryWeight"/> and of every key head with
    /// <paramref name="keyWeight"/> over HeadDim (Qwen3); value heads are copied.
    /// </summary>
    /// <param name="output">[T, H + 2·KvH, HeadDim], =; not <paramref name="input"/>, which the backward needs.</param>
    /// <param name="reciprocalRms">[T, H + KvH], =.</param>
    /// <param name="input">[T, H + 2·KvH, HeadDim].</param>
    /// <param name="queryWeight">[HeadDim].</param>
    /// <param name="keyWeight">[HeadDim].</param>
    public abstract void QueryKeyNormForward(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon);

    /// <summary>Backward of <see cref="QueryKeyNormForward"/>.</summary>
    /// <param name="dInput">[T, H + 2·KvH, HeadDim], =; may be <paramref name="dOutput"/> itself.</param>
    /// <param name="dQueryWeight">[HeadDim], +=, or empty when frozen.</param>
    /// <param name="dKeyWeight">[HeadDim], +=, or empty when frozen.</param>
    public abstract void QueryKeyNormBackward(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape);

    /// <summary>
    /// Rotates query and key heads in place by their position's angles (Su et al. 2021, arXiv 2104.09864), pairing
    /// element i with i + HeadDim/2 as Hugging Face's layout does; value heads are untouched.
    /// </summary>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim], in place.</param>
    /// <param name="rotary">Angles for at least every position of the batch.</param>
    public abstract void RotaryForward(Tensor queryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape);

    /// <summary>Backward of <see cref="RotaryForward"/>: the rotation by the negative angle, in place.</summary>
    /// <param name="dQueryKeyValue">[T, H + 2·KvH, HeadDim], in place.</param>
    public abstract void RotaryBackward(Tensor dQueryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape);

    /// <summary>
    /// Causal attention within every document: <c>softmax(scale · q·kᵀ)·v</c>; query head h reads key and value head
    /// <c>h / (H / KvH)</c>; with a window W a query at position p sees the positions p − W + 1 to p.
    /// </summary>
    /// <param name="output">[T, H, HeadDim], =.</param>
    /// <param name="logSumExp">[T, H], =: of the scaled scores, kept for the backward.</param>
    /// <param name="queryKeyValue">[T, H + 2·KvH, HeadDim]: query heads, key heads, value heads.</param>
    public abstract void AttentionForward(
        Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch, AttentionShape shape);

    /// <summary>Backward of <see cref="AttentionForward"/>; the probabilities are recomputed from <paramref name="logSumExp"/>.</summary>
    /// <param name="dQueryKeyValue">[T, H + 2·KvH, HeadDim], =.</param>
    /// <param name="dOutput">[T, H, HeadDim].</param>
    /// <param name="output">[T, H, HeadDim].</param>
    public abstract void AttentionBackward(
        Tensor dQueryKeyValue, Tensor dOutput, Tensor output, Tensor logSumExp, Tensor queryKeyValue, PackedBatch batch,
        AttentionShape shape);

    /// <summary><c>output = silu(gate) · up</c> (Shazeer 2020, arXiv 2002.05202).</summary>
    /// <param name="output">[T, F], =.</param>
    /// <param name="gateUp">[T, 2·F]: gate, then up.</param>
    public abstract void SwiGluForward(Tensor output, Tensor gateUp);

    /// <summary>Backward of <see cref="SwiGluForward"/>.</summary>
    /// <param name="dGateUp">[T, 2·F], =; may be <paramref name="gateUp"/> itself.</param>
    /// <param name="output">
    /// [T, F], =: bit for bit what the forward wrote, so that nobody has to keep it; may be <paramref name="dOutput"/> itself.
    /// Empty to leave it.
    /// </param>
    /// <param name="dOutput">[T, F].</param>
    public abstract void SwiGluBackward(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp);
}
