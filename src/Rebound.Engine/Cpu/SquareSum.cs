namespace Rebound.Engine.Cpu;

/// <summary>Sums of squares in fp64 over blocks of elements, one sum for each block.</summary>
internal unsafe struct SquareSumKernel : IVectorKernel
{
    public double* SumOfBlock;
    public float* Values;
    public nint Count;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloats<V>
    {
        for (var block = start; block < end; block++)
        {
            var i = (nint)block * Rows.BlockElements;
            var stop = Math.Min(Count, i + Rows.BlockElements);
            var sum = 0.0;
            for (; i + V.Count <= stop; i += V.Count)
            {
                sum += V.Load(Values + i).SumOfSquares();
            }

            for (; i < stop; i++)
            {
                sum += (double)Values[i] * Values[i];
            }

            SumOfBlock[block] = sum;
        }
    }
}
