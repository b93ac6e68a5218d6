using Rebound.Engine.Cpu;

namespace Rebound.Engine;

/// <summary>
/// The backend that computes in fp32 on the processor's cores. After its first use of a shape an operation allocates
/// nothing. Results do not depend on the number of threads. Operations are called from one thread at a time.
/// </summary>
public sealed unsafe partial class CpuBackend : Backend
{
    private readonly WorkerPool _pool;
    private readonly Gemm _gemm;
    private readonly Workspace _workspace = new();

    /// <param name="threads">Threads to compute with, the calling one included; null: one for every core.</param>
    /// <param name="batchInvariant">
    /// Whether a row gets the same bits in a batch of any size: small batches then take the kernels of large ones, and are slower.
    /// </param>
    /// <param name="storedWeights">Whether weights that are not trained stay in the types that their files have.</param>
    /// <param name="roundsActivations">
    /// Whether few rows of a generation are rounded to eight bits for products with weights in blocks: faster, and not exact.
    /// </param>
    public CpuBackend(int? threads = null, bool batchInvariant = false, bool storedWeights = true, bool roundsActivations = false)
        : base(Device.Host, takesBFloat16: false, storedTypes: storedWeights ? StoredWeightTypes.All : StoredWeightTypes.None)
    {
        if (threads is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "A backend computes with at least one thread.");
        }

        _pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        _gemm = new Gemm(_pool, batchInvariant ? 0 : Gemm.MaxSmallBatchRows, roundsActivations);
    }

    public override string Description =>
        $"cpu ({_pool.Threads} {(_pool.Threads == 1 ? "thread" : "threads")}, {Simd.Description})";

    public override int? BatchInvariantRows => _gemm.SmallBatchRows + 1;

    public override Arena Allocate(ArenaPlan plan) => new HostArena(plan);

    public override PreparedBatch AllocateBatch(BatchCapacity capacity) => new CpuBatch(capacity, Device);

    protected override void CopyFromHostCore<T>(Tensor destination, ReadOnlySpan<T> source) => source.CopyTo(destination.AsSpan<T>());

    protected override void CopyToHostCore<T>(Span<T> destination, Tensor source) => source.AsSpan<T>().CopyTo(destination);

    protected override void StoreCore(Tensor destination, ReadOnlySpan<byte> blocks) =>
        blocks.CopyTo(new Span<byte>((void*)destination.Address, blocks.Length));

    protected override void ReadStoredCore(Tensor weight, int firstRow, Span<float> values)
    {
        var (type, count) = (weight.DType.Blocks(), values.Length);
        var first = (byte*)weight.Address + type.BytesOf(firstRow * weight.Shape.RowLength);
        type.Widen(new ReadOnlySpan<byte>(first, checked((int)type.BytesOf(count))), values);
    }

    protected override void FillCore(Tensor tensor, float value)
    {
        var kernel = new FillKernel { Destination = Floats(tensor), Value = value, Count = (nint)tensor.Count };
        Rows.Run(_pool, kernel, Rows.Blocks(tensor.Count), Rows.BlockElements * sizeof(float));
    }

    protected override void CopyCore(Tensor destination, Tensor source)
    {
        var bytes = destination.DType.BytesOf(destination.Count);
        Buffer.MemoryCopy((void*)source.Address, (void*)destination.Address, bytes, bytes);
    }

    protected override void AddCore(Tensor destination, Tensor source)
    {
        var kernel = new AddKernel { Destination = Floats(destination), Source = Floats(source), Count = (nint)source.Count };
        Rows.Run(_pool, kernel, Rows.Blocks(source.Count), 2 * Rows.BlockElements * sizeof(float));
    }

    protected override void GatherRowsCore(Tensor output, Tensor input, PreparedBatch batch) =>
        CopyRows(output, MatrixView.Of(input), batch.Rows);

    protected override void ScatterRowsCore(Tensor output, Tensor input, PreparedBatch batch)
    {
        var rows = batch.Rows;
        var width = output.Shape[1];
        var next = 0;
        for (var row = 0; row < output.Shape[0]; row++)
        {
            var to = Floats(output) + ((nint)row * width);
            if (next < rows.Length && rows[next] == row)
            {
                Vectors.Copy(to, Floats(input) + ((nint)next * width), width);
                next++;
            }
            else
            {
                Vectors.Clear(to, width);
            }
        }
    }

    public override void Dispose()
    {
        _pool.Dispose();
        _gemm.Dispose();
        _workspace.Dispose();
    }

    private static float* Floats(Tensor tensor) => (float*)tensor.Address;

    private void CopyRows(Tensor output, MatrixView input, ReadOnlySpan<int> rows)
    {
        var width = output.Shape[1];
        fixed (int* indices = rows)
        {
            var kernel = new EmbeddingForwardKernel { Output = Floats(output), Weight = input, Tokens = indices, Width = width };
            Rows.Run(_pool, kernel, rows.Length, 2L * width * sizeof(float));
        }
    }
}
