namespace Rebound.Engine.Cpu;

/// <summary>Sums of squares in fp64 over blocks of elements, one sum for each block.</summary>
internal unsafe struct SquareSumKernel : IVectorKernel
{
    public double* SumOfBlock;
    public float* Values;
    public nint Count;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var block = start; block < end; block++)
        {
            var values = Values + ((nint)block * Rows.BlockElements);
            var count = (int)Math.Min(Count - ((nint)block * Rows.BlockElements), Rows.BlockElements);
            SumOfBlock[block] = Vectors.WideDot<V>(values, values, count);
        }
    }
}
