namespace Rebound.Engine.Cpu;

/// <summary>
/// A product of a few rows with stored weights, some of which every thread widens at a time: the bits of the product with fp32 weights.
/// </summary>
internal unsafe struct WidenedRowsJob : IParallelJob
{
    public GemmKernels Kernels;
    public MatrixProduct Product;
    public StoredRows Weights;

    /// <summary>Columns that are widened at once.</summary>
    public int Columns;

    /// <summary>[threads, columns, K].</summary>
    public float* Widened;

    /// <summary>The next columns that nobody has taken, in pieces of <see cref="Columns"/>.</summary>
    public int Next;

    /// <param name="part">One for each thread.</param>
    public void Execute(int part)
    {
        var widened = Widened + ((nint)part * Columns * Product.K);
        int piece;
        while ((piece = Interlocked.Increment(ref Next) - 1) < GemmPlan.Parts(Product.N, Columns))
        {
            var first = piece * Columns;
            var count = Math.Min(Columns, Product.N - first);
            for (var n = 0; n < count; n++)
            {
                Weights.Widen(first + n, 0, Product.K, widened + ((nint)n * Product.K));
            }

            var some = Product;
            some.N = count;
            some.B = new MatrixView((nint)widened, Product.K, Transposed: true);
            some.C += first;
            some.Addend = some.Addend == null ? null : some.Addend + first;
            Kernels.MultiplySmallBatch(some, 0, count);
        }
    }
}
