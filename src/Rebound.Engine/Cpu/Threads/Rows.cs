namespace Rebound.Engine.Cpu;

/// <summary>Runs kernels over rows that are independent of each other, on all threads of a pool.</summary>
internal static class Rows
{
    /// <summary>Less memory than this is not worth waking another thread for.</summary>
    private const long SmallestPart = 64 << 10;

    /// <summary>Elements of one row where an operation treats a tensor of any shape as one long vector.</summary>
    public const int BlockElements = 16 << 10;

    /// <summary>Splits the rows into a few parts for every thread.</summary>
    /// <param name="rowBytes">Memory that a row reads and writes.</param>
    public static void Run<TKernel>(WorkerPool pool, TKernel kernel, int rows, long rowBytes)
        where TKernel : struct, IVectorKernel
    {
        var most = pool.Threads == 1 ? 1 : 4 * pool.Threads;
        RunParts(pool, kernel, rows, (int)Math.Clamp(rows * rowBytes / SmallestPart, 1, Math.Min(most, Math.Max(rows, 1))));
    }

    /// <summary>Splits the rows into parts of a fixed size, for sums whose order must not depend on the threads.</summary>
    public static void RunFixed<TKernel>(WorkerPool pool, TKernel kernel, int rows, int partRows)
        where TKernel : struct, IVectorKernel
    {
        var job = new FixedJob<TKernel> { Kernel = kernel, Rows = rows, PartRows = partRows };
        pool.Run(ref job, Parts(rows, partRows));
    }

    public static int Parts(int rows, int partRows) => (rows + partRows - 1) / partRows;

    /// <summary>Blocks of <see cref="BlockElements"/> that a tensor of any shape has.</summary>
    public static int Blocks(long count) => checked((int)((count + BlockElements - 1) / BlockElements));

    private static void RunParts<TKernel>(WorkerPool pool, TKernel kernel, int rows, int parts)
        where TKernel : struct, IVectorKernel
    {
        var job = new Job<TKernel> { Kernel = kernel, Rows = rows, Parts = parts };
        pool.Run(ref job, parts);
    }

    private struct Job<TKernel> : IParallelJob
        where TKernel : struct, IVectorKernel
    {
        public TKernel Kernel;
        public int Rows;
        public int Parts;

        public void Execute(int part) =>
            Simd.Run(ref Kernel, (int)((long)Rows * part / Parts), (int)((long)Rows * (part + 1) / Parts));
    }

    private struct FixedJob<TKernel> : IParallelJob
        where TKernel : struct, IVectorKernel
    {
        public TKernel Kernel;
        public int Rows;
        public int PartRows;

        public void Execute(int part) => Simd.Run(ref Kernel, part * PartRows, Math.Min(Rows, (part + 1) * PartRows));
    }
}
