namespace Rebound.Engine.Cpu;

/// <summary><c>destination += source</c> over blocks of elements.</summary>
internal unsafe struct AddKernel : IVectorKernel
{
    public float* Destination;
    public float* Source;
    public nint Count;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var i = (nint)start * Rows.BlockElements;
        var stop = Math.Min(Count, (nint)end * Rows.BlockElements);
        Vectors.Add<V>(Destination + i, Source + i, (int)(stop - i));
    }
}

/// <summary><c>destination = value</c> over blocks of elements.</summary>
internal unsafe struct FillKernel : IVectorKernel
{
    public float* Destination;
    public float Value;
    public nint Count;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var i = (nint)start * Rows.BlockElements;
        new Span<float>(Destination + i, (int)(Math.Min(Count, (nint)end * Rows.BlockElements) - i)).Fill(Value);
    }
}

/// <summary><c>row *= factor</c> over some of the columns of rows.</summary>
internal unsafe struct ScaleKernel : IVectorKernel
{
    public float* First;
    public nint Stride;
    public int Width;
    public float Factor;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var row = start; row < end; row++)
        {
            var values = First + (row * Stride);
            var i = 0;
            for (; i + V.Count <= Width; i += V.Count)
            {
                (V.Load(values + i) * V.Of(Factor)).Store(values + i);
            }

            for (; i < Width; i++)
            {
                values[i] *= Factor;
            }
        }
    }
}
