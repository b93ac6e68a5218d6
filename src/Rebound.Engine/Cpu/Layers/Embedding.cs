namespace Rebound.Engine.Cpu;

/// <summary><c>output[t] = weight[token[t]]</c> over rows.</summary>
internal unsafe struct EmbeddingForwardKernel : IVectorKernel
{
    public float* Output;
    public MatrixView Weight;
    public int* Tokens;
    public int Width;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            var to = Output + ((nint)t * Width);
            if (Weight.Stored is { } stored)
            {
                stored.Widen(Tokens[t], 0, Width, to);
            }
            else
            {
                Vectors.Copy(to, Weight.Data + ((nint)Tokens[t] * Width), Width);
            }
        }
    }
}

/// <summary>
/// Of <c>output[t] = weight[token[t]]</c>: <c>dWeight[token[t]] += dOutput[t]</c>, over columns, so that each sum is
/// formed by one thread with t ascending.
/// </summary>
internal unsafe struct EmbeddingBackwardKernel : IVectorKernel
{
    public float* DWeight;
    public float* DOutput;
    public int* Tokens;
    public int Count;
    public int Width;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = 0; t < Count; t++)
        {
            Vectors.Add<V>(DWeight + ((nint)Tokens[t] * Width) + start, DOutput + ((nint)t * Width) + start, end - start);
        }
    }
}
