namespace Rebound.Engine.Tests.Reference;

/// <summary>
/// Every operation of <see cref="Backend"/> in fp64 and plain loops, written from its definition: what backends are
/// held against. Its own backwards are held against finite differences of its forwards.
/// </summary>
internal static partial class ScalarReference
{
    /// <returns>[T, C].</returns>
    public static double[] EmbeddingForward(double[] weight, ReadOnlySpan<int> tokens, int hidden)
    {
        var output = new double[tokens.Length * hidden];
        for (var t = 0; t < tokens.Length; t++)
        {
            for (var c = 0; c < hidden; c++)
            {
                output[(t * hidden) + c] = weight[(tokens[t] * hidden) + c];
            }
        }

        return output;
    }

    /// <returns>dWeight [V, C].</returns>
    public static double[] EmbeddingBackward(double[] dOutput, ReadOnlySpan<int> tokens, int hidden, int vocabulary)
    {
        var dWeight = new double[vocabulary * hidden];
        for (var t = 0; t < tokens.Length; t++)
        {
            for (var c = 0; c < hidden; c++)
            {
                dWeight[(tokens[t] * hidden) + c] += dOutput[(t * hidden) + c];
            }
        }

        return dWeight;
    }

    /// <param name="input">[T, K].</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="bias">[N] or null.</param>
    /// <returns>[T, N].</returns>
    public static double[] LinearForward(double[] input, double[] weight, double[]? bias, int inner, int outer)
    {
        var tokens = input.Length / inner;
        var output = new double[tokens * outer];
        for (var t = 0; t < tokens; t++)
        {
            for (var n = 0; n < outer; n++)
            {
                var sum = bias?[n] ?? 0;
                for (var k = 0; k < inner; k++)
                {
                    sum += input[(t * inner) + k] * weight[(n * inner) + k];
                }

                output[(t * outer) + n] = sum;
            }
        }

        return output;
    }

    public static (double[] DInput, double[] DWeight, double[] DBias) LinearBackward(
        double[] dOutput, double[] input, double[] weight, int inner, int outer)
    {
        var (dInput, dWeight, dBias) = (new double[input.Length], new double[weight.Length], new double[outer]);
        for (var t = 0; t < input.Length / inner; t++)
        {
            for (var n = 0; n < outer; n++)
            {
                var gradient = dOutput[(t * outer) + n];
                dBias[n] += gradient;
                for (var k = 0; k < inner; k++)
                {
                    dInput[(t * inner) + k] += gradient * weight[(n * inner) + k];
                    dWeight[(n * inner) + k] += gradient * input[(t * inner) + k];
                }
            }
        }

        return (dInput, dWeight, dBias);
    }

    /// <param name="input">[T, K].</param>
    /// <returns>[T, K]; the backward is the same function of the gradient.</returns>
    public static double[] Dropout(double[] input, int width, float rate, ulong seed)
    {
        var threshold = DropoutMask.Threshold(rate);
        return [.. input.Select((value, i) =>
            DropoutMask.Keeps(DropoutMask.RowKey(seed, i / width), i % width, threshold) ? value / (1.0 - rate) : 0)];
    }
}
