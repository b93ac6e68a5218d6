namespace Rebound.Engine.Cpu;

/// <summary>A product of a few rows with stored weights: the bits of the product with fp32 weights.</summary>
internal unsafe struct StoredRowsJob : IParallelJob
{
    public GemmKernels Kernels;
    public MatrixProduct Product;
    public StoredRows Weights;

    /// <summary>Columns that a thread takes at once.</summary>
    public int Columns;

    /// <summary>[threads, <see cref="StoredRows.WidenedAtOnce"/>, K].</summary>
    public float* Widened;

    /// <summary>The next columns that nobody has taken, in pieces of <see cref="Columns"/>.</summary>
    public int Next;

    /// <param name="part">One for each thread.</param>
    public void Execute(int part)
    {
        var widened = Widened + ((nint)part * StoredRows.WidenedAtOnce * Product.K);
        int piece;
        while ((piece = Interlocked.Increment(ref Next) - 1) < GemmPlan.Parts(Product.N, Columns))
        {
            Kernels.MultiplyStored(Product, Weights, piece * Columns, Math.Min(Product.N, (piece + 1) * Columns), widened);
        }
    }
}
