using System.Runtime.InteropServices;
using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>
/// General fp32 matrix products, after Goto and van de Geijn (2008, "Anatomy of high-performance matrix
/// multiplication", doi 10.1145/1356052.1356053): slices of A and B are packed into panels, and register tiles of C are
/// computed from them. Memory is taken at the first use and kept, for one product at a time.
/// </summary>
internal sealed unsafe class Gemm : IDisposable
{
    /// <summary>The most rows of the small-batch GEMM, whose dot products along the rows of B's source beat packing it.</summary>
    public const int MaxSmallBatchRows = 16;

    /// <summary>Floats of B that a thread takes at once in a small-batch GEMM.</summary>
    private const int FewRowsPart = 32 << 10;

    /// <summary>Weights that a thread takes at once, at most, for rows that are rounded.</summary>
    private const int RoundedPart = 128 << 10;

    /// <summary>Parts that each thread gets of a product with rounded rows, if these are not too large.</summary>
    private const int PartsOfThread = 4;

    private readonly WorkerPool _pool;
    private readonly GemmKernels _kernels;
    private readonly GemmWorkspace _workspace;
    private readonly Workspace _widened = new();
    private readonly Workspace _rounded = new();
    private readonly bool _rounds;

    /// <param name="smallBatchRows">The most rows of a product that takes the small-batch GEMM, whose sums have another order.</param>
    /// <param name="rounds">Whether products round few rows to eight bits where they may.</param>
    public Gemm(WorkerPool pool, int smallBatchRows = MaxSmallBatchRows, bool rounds = false)
        : this(pool, GemmKernels.Create()) => (SmallBatchRows, _rounds) = (smallBatchRows, rounds);

    /// <param name="floatsOfA">Largest slice of A that is packed at once, at least 64 Ki.</param>
    /// <param name="floatsOfB">Largest slice of B, at least 64 Ki.</param>
    public Gemm(WorkerPool pool, GemmKernels kernels, int floatsOfA = 2 << 20, int floatsOfB = 1 << 20)
    {
        _pool = pool;
        _kernels = kernels;
        _workspace = new GemmWorkspace(floatsOfA, floatsOfB);
    }

    public int SmallBatchRows { get; } = MaxSmallBatchRows;

    /// <summary>Computes a product on all threads of the pool. Not to be called from within a part of a job.</summary>
    public void Multiply(in MatrixProduct product)
    {
        if (product.M == 0 || product.N == 0)
        {
            return;
        }

        if (product.K == 0)
        {
            CopyAddend(product);
        }
        else if (product.M <= SmallBatchRows && !product.A.Transposed && product.B.Transposed)
        {
            MultiplyFewRows(product);
        }
        else
        {
            _workspace.Reset();
            var plan = new GemmPlan(product, _kernels, _workspace.FloatsOfA, _workspace.FloatsOfB, _pool.Threads);
            var job = new GemmJob
            {
                Kernels = _kernels,
                Product = product,
                Plan = plan,
                Workspace = _workspace,
                WidenedOfThread = product.B.Stored is null ? 0 : WideningFloats(plan, product),
            };
            job.Widened = _widened.Floats(_pool.Threads * (long)job.WidenedOfThread);
            _pool.Run(ref job, _pool.Threads);
        }
    }

    public void Dispose()
    {
        _workspace.Dispose();
        _widened.Dispose();
    }

    private void MultiplyFewRows(in MatrixProduct product)
    {
        if (product.B.Stored is not { } stored)
        {
            var columns = Math.Clamp(FewRowsPart / product.K, 4, 256) & ~3;
            var job = new FewRowsJob { Kernels = _kernels, Product = product, Columns = columns };
            _pool.Run(ref job, GemmPlan.Parts(product.N, columns));
        }
        else if (_rounds && product.MayRound && stored.HasRoundedProducts)
        {
            var rounded = new RoundedRows(_rounded.Bytes(RoundedRows.BytesOf(product.M, product.K)), product.K);
            for (var row = 0; row < product.M; row++)
            {
                rounded.Round(row, product.A.Data + (row * product.A.Stride));
            }

            var columns = Math.Clamp(
                GemmPlan.Parts(product.N, PartsOfThread * _pool.Threads), 4, Math.Max(4, RoundedPart / product.K));
            var job = new RoundedRowsJob { Product = product, Weights = stored, Input = rounded, Columns = columns };
            _pool.Run(ref job, GemmPlan.Parts(product.N, columns));
        }
        else
        {
            var columns = Math.Clamp(FewRowsPart / product.K, 4, 256) & ~3;
            var job = new StoredRowsJob
            {
                Kernels = _kernels,
                Product = product,
                Weights = stored,
                Columns = columns,
                Widened = _widened.Floats((long)_pool.Threads * StoredRows.WidenedAtOnce * product.K),
                Next = 0,
            };
            _pool.Run(ref job, _pool.Threads);
        }
    }

    /// <summary>Room for what a thread widens at a time: the columns of a panel as deep as a slice, or a row of a slice.</summary>
    private int WideningFloats(in GemmPlan plan, in MatrixProduct product) => product.B.Transposed
        ? _kernels.TileColumns * (plan.SliceDepth + (2 * StoredRows.Alignment))
        : plan.SliceColumns + (2 * StoredRows.Alignment);

    private static void CopyAddend(in MatrixProduct product)
    {
        for (var row = 0; row < product.M; row++)
        {
            var c = new Span<float>(product.C + (row * product.StrideC), product.N);
            if (product.Addend == null)
            {
                c.Clear();
            }
            else
            {
                new Span<float>(product.Addend + (row * product.StrideAddend), product.N).CopyTo(c);
            }
        }
    }

    private struct FewRowsJob : IParallelJob
    {
        public GemmKernels Kernels;
        public MatrixProduct Product;
        public int Columns;

        public readonly void Execute(int part) =>
            Kernels.MultiplySmallBatch(Product, part * Columns, Math.Min(Product.N, (part + 1) * Columns));
    }
}

/// <summary>Memory for the packed slices of a product, and the counters by which threads share its work.</summary>
internal sealed unsafe class GemmWorkspace(int floatsOfA, int floatsOfB) : IDisposable
{
    /// <summary>Apart from each other by two cache lines, which are fetched in pairs.</summary>
    private const int CounterBytes = 128;

    private byte* _block;

    public int FloatsOfA => floatsOfA;

    public int FloatsOfB => floatsOfB;

    /// <summary>The next piece of work that nobody has taken.</summary>
    public long* Next => (long*)_block;

    /// <summary>Pieces of work that are done.</summary>
    public long* Done => (long*)(_block + CounterBytes);

    public float* PackedA => (float*)(_block + (2 * CounterBytes));

    public float* PackedB => PackedA + floatsOfA;

    /// <summary>Takes the memory at the first use, and sets the counters to zero.</summary>
    public void Reset()
    {
        if (_block == null)
        {
            _block = (byte*)NativeMemory.AlignedAlloc(
                (nuint)((2 * CounterBytes) + (sizeof(float) * ((long)floatsOfA + floatsOfB))), CounterBytes);
        }

        *Next = 0;
        *Done = 0;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        _block = null;
    }
}
