namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary><c>output = input · weightᵀ + bias</c>, or <c>output +=</c> the same (a residual connection).</summary>
    /// <param name="output">[T, N], = or +=. Of the input's type, or fp32 beside bf16 where there is no bias: logits.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="bias">[N], or empty for none.</param>
    /// <param name="mayRound">Whether the input may be rounded to eight bits for a product with blocks.</param>
    public void LinearForward(
        Tensor output, Tensor input, Tensor weight, Tensor bias, bool accumulate = false, bool mayRound = false)
    {
        Expect.Matrix(input);
        Expect.Weight(weight, input.DType, columns: input.Shape[1]);
        var outer = weight.Shape[0];
        Expect.ElementsOrEmpty(bias, input.DType, new Shape(outer));
        if (bias.IsEmpty)
        {
            Expect.Floating(output, new Shape(input.Shape[0], outer));
        }
        else
        {
            Expect.Elements(output, input.DType, new Shape(input.Shape[0], outer));
        }

        LinearForwardCore(output, input, weight, bias, accumulate, mayRound);
    }

    /// <summary><c>output = residual + input · weightᵀ + bias</c>: a layer that ends in a residual connection.</summary>
    /// <param name="output">[T, N], =; not <paramref name="residual"/>, which stays as it is.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="bias">[N], or empty for none.</param>
    /// <param name="residual">[T, N].</param>
    /// <param name="mayRound">Whether the input may be rounded to eight bits for a product with blocks.</param>
    public void LinearForward(
        Tensor output, Tensor input, Tensor weight, Tensor bias, Tensor residual, bool mayRound = false)
    {
        Expect.Matrix(input);
        Expect.Weight(weight, input.DType, columns: input.Shape[1]);
        var (type, shape) = (input.DType, new Shape(input.Shape[0], weight.Shape[0]));
        Expect.Elements(output, type, shape);
        Expect.Elements(residual, type, shape);
        Expect.ElementsOrEmpty(bias, type, new Shape(shape[1]));
        LinearForwardCore(output, input, weight, bias, residual, mayRound);
    }

    /// <summary><c>dInput = dOutput · weight</c>, or <c>dInput +=</c> the same.</summary>
    /// <param name="dInput">[T, K], = or +=.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="weight">[N, K].</param>
    public void LinearBackwardInput(Tensor dInput, Tensor dOutput, Tensor weight, bool accumulate = false)
    {
        Expect.Matrix(dOutput);
        Expect.Weight(weight, dOutput.DType, rows: dOutput.Shape[1]);
        var inner = weight.Shape[1];
        Expect.Elements(dInput, dOutput.DType, new Shape(dOutput.Shape[0], inner));
        LinearBackwardInputCore(dInput, dOutput, weight, accumulate);
    }

    /// <summary><c>dWeight += dOutputᵀ · input</c> and <c>dBias += Σ_t dOutput[t]</c>.</summary>
    /// <param name="dWeight">[N, K], +=.</param>
    /// <param name="dBias">[N], +=, or empty for none.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="input">[T, K].</param>
    public void LinearBackwardWeight(Tensor dWeight, Tensor dBias, Tensor dOutput, Tensor input)
    {
        Expect.Matrix(input);
        Expect.Matrix(dOutput);
        var (outer, inner) = (dOutput.Shape[1], input.Shape[1]);
        Expect.Elements(input, dOutput.DType, new Shape(dOutput.Shape[0], inner));
        Expect.Floating(dWeight, new Shape(outer, inner));
        Expect.FloatingOrEmpty(dBias, new Shape(outer));
        LinearBackwardWeightCore(dWeight, dBias, dOutput, input);
    }
}
