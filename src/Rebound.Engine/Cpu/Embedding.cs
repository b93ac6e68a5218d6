namespace Rebound.Engine.Cpu;

/// <summary>Rows of a table by token id.</summary>
internal static unsafe class Embedding
{
    public static void Forward(float* output, float* weight, ReadOnlySpan<int> tokens, int hidden)
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            new ReadOnlySpan<float>(weight + ((nint)tokens[t] * hidden), hidden)
                .CopyTo(new Span<float>(output + ((nint)t * hidden), hidden));
        }
    }

    /// <summary>Of <c>output[t] = weight[token[t]]</c>: <c>dWeight[token[t]] += dOutput[t]</c>, t ascending.</summary>
    public static void Backward(float* dWeight, float* dOutput, ReadOnlySpan<int> tokens, int hidden)
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            Linear.AddScaled(dWeight + ((nint)tokens[t] * hidden), dOutput + ((nint)t * hidden), 1, hidden);
        }
    }
}
