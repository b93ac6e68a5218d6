namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary><c>output[t] = weight[token[t]]</c>.</summary>
    /// <param name="output">[T, C], =.</param>
    /// <param name="weight">[V, C].</param>
    /// <exception cref="ArgumentException">A token id is outside of the vocabulary; the message names it.</exception>
    public void EmbeddingForward(Tensor output, Tensor weight, PreparedBatch batch)
    {
        Expect.Batch(batch);
        Expect.Weight(weight, output.DType);
        Expect.Floating(output, new Shape(batch.TokenCount, weight.Shape[1]));
        TensorContract.Tokens(batch.Batch.Tokens, batch.Batch.TokenRange, weight.Shape[0]);
        EmbeddingForwardCore(output, weight, batch);
    }

    /// <summary><c>dWeight[token[t]] += dOutput[t]</c>, in a fixed order.</summary>
    /// <param name="dWeight">[V, C], +=.</param>
    /// <param name="dOutput">[T, C].</param>
    public void EmbeddingBackward(Tensor dWeight, Tensor dOutput, PreparedBatch batch)
    {
        Expect.Batch(batch);
        Expect.Matrix(dWeight);
        Expect.Floating(dOutput, new Shape(batch.TokenCount, dWeight.Shape[1]));
        TensorContract.Tokens(batch.Batch.Tokens, batch.Batch.TokenRange, dWeight.Shape[0]);
        EmbeddingBackwardCore(dWeight, dOutput, batch);
    }

    /// <summary><c>output = silu(gate) · up</c> (Shazeer 2020, arXiv 2002.05202).</summary>
    /// <param name="output">[T, F], =.</param>
    /// <param name="gateUp">[T, 2·F]: gate, then up.</param>
    public void SwiGluForward(Tensor output, Tensor gateUp)
    {
        Expect.Matrix(output);
        Expect.Elements(gateUp, output.DType, new Shape(output.Shape[0], 2 * output.Shape[1]));
        SwiGluForwardCore(output, gateUp);
    }

    /// <summary>Backward of <see cref="SwiGluForward"/>.</summary>
    /// <param name="dGateUp">[T, 2·F], =; may be <paramref name="gateUp"/> itself.</param>
    /// <param name="output">
    /// [T, F], =: bit for bit what the forward wrote, so that nobody has to keep it; may be <paramref name="dOutput"/> itself.
    /// Empty to leave it.
    /// </param>
    /// <param name="dOutput">[T, F].</param>
    public void SwiGluBackward(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        Expect.Matrix(dOutput);
        var doubled = new Shape(dOutput.Shape[0], 2 * dOutput.Shape[1]);
        Expect.Elements(gateUp, dOutput.DType, doubled);
        Expect.Elements(dGateUp, dOutput.DType, doubled);
        Expect.ElementsOrEmpty(output, dOutput.DType, dOutput.Shape);
        SwiGluBackwardCore(dGateUp, output, dOutput, gateUp);
    }
}
