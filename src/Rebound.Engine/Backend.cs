using Rebound.Engine.Cpu;

namespace Rebound.Engine;

/// <summary>
/// The operations a Llama-family model is made of, each as an explicit forward and backward. A model is written once
/// against them. An operation checks devices (<see cref="DeviceException"/>), shapes and element types
/// (<see cref="ShapeException"/>) before any work and then computes it (<c>…Core</c>, which a backend implements); nothing
/// falls back silently, and each says whether it overwrites (=) or accumulates (+=) what it writes.
/// <para>
/// Dimensions: T tokens, D documents, C hidden, H query heads, KvH key and value heads, HeadDim, F feed-forward,
/// V vocabulary, K and N a linear layer's input and output.
/// </para>
/// <para>
/// Element types: the CPU computes on fp32. A GPU takes a call's activations and weights in one type, bf16 or fp32, and
/// gradients of weights in either; reciprocal root mean squares, log-sum-exps, losses, rotary tables and scratch are fp32.
/// Frozen weights may be of <see cref="StoredWeightTypes"/>: results are those with the widened weights, on the CPU bit for bit. Only a
/// product of few rows whose caller lets it (<c>mayRound</c>) rounds the input to eight bits there instead, as that is faster.
/// </para>
/// </summary>
public abstract partial class Backend : IDisposable
{
    /// <param name="device">Where the tensors of this backend lie.</param>
    /// <param name="takesBFloat16">Whether activations, weights and gradients may be bf16; else they are fp32.</param>
    /// <param name="largestHeadDim">The most elements of a head.</param>
    /// <param name="storedTypes">The types that frozen weights may be of besides.</param>
    protected Backend(
        Device device, bool takesBFloat16, int largestHeadDim = int.MaxValue, StoredWeightTypes storedTypes = StoredWeightTypes.None)
        : this(device, new TensorContract(device, takesBFloat16, largestHeadDim, storedTypes)) => StoredWeightTypes = storedTypes;

    /// <summary>A backend over the tensors of another one.</summary>
    private protected Backend(Backend inner)
        : this(inner.Device, inner.Expect) => StoredWeightTypes = inner.StoredWeightTypes;

    private Backend(Device device, TensorContract expect) => (Device, Expect) = (device, expect);

    /// <summary>For people: the device and what is used of it, for example <c>cpu (2 threads, AVX-512)</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Where the tensors of this backend lie.</summary>
    public Device Device { get; }

    /// <summary>True when tensors are host memory, so that <see cref="Tensor.AsSpan{T}"/> reads and writes them.</summary>
    public bool IsHostMemory => Device.IsHostMemory;

    /// <summary>The element type to keep weights and activations in: fp32 on the CPU.</summary>
    public virtual DType ElementType => DType.Float32;

    /// <summary>Bytes of the device's memory that are free now; null where tensors share the process's memory.</summary>
    public virtual long? FreeBytes => null;

    /// <summary>The most bytes of the device's memory that were allocated at a time; null where tensors share the process's.</summary>
    public virtual long? PeakBytes => null;

    /// <summary>
    /// The smallest batch, in rows, from which results are batch-invariant: a row gets the same bits in any batch of at least so
    /// many rows. Null where results are never batch-invariant.
    /// </summary>
    public virtual int? BatchInvariantRows => null;

    /// <summary>Allocates an arena for a plan, zeroed.</summary>
    /// <exception cref="InsufficientMemoryException">The device has less memory than the plan takes.</exception>
    public abstract Arena Allocate(ArenaPlan plan);

    /// <summary>Allocates a prepared batch of fixed capacity, to be refilled with batch after batch; the caller owns it.</summary>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public abstract PreparedBatch AllocateBatch(BatchCapacity capacity);

    /// <summary>Allocates a prepared batch of exactly the size of one batch, and fills it.</summary>
    /// <param name="rows">[R] the selected rows.</param>
    /// <param name="pages">For each document the pages of its sequence; null without a cache.</param>
    /// <exception cref="ShapeException">Rows or pages do not fit the batch.</exception>
    public PreparedBatch Prepare(PackedBatch batch, ReadOnlySpan<int> rows, PageTable? pages = null)
    {
        var prepared = AllocateBatch(BatchCapacity.Of(batch, pages));
        try
        {
            prepared.Refill(batch, rows, pages);
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Prepare(PackedBatch, ReadOnlySpan{int}, PageTable?)"/>, with the supervised rows selected.</summary>
    public PreparedBatch Prepare(PackedBatch batch, PageTable? pages = null) => Prepare(batch, batch.SupervisedRows, pages);

    /// <summary>Opens copies between this backend's memory and the host's, beside its operations; the caller owns them.</summary>
    /// <param name="marks">Places in their order that can be waited for.</param>
    /// <exception cref="NotSupportedException">The backend has none.</exception>
    public virtual HostCopies OpenHostCopies(int marks) => IsHostMemory
        ? new PlainCopies()
        : throw new NotSupportedException($"{Description} makes no copies beside its operations.");

    /// <summary>Copies host memory into a tensor of as many elements.</summary>
    public void CopyFromHost<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        Expect.Copied<T>(destination, source.Length);
        CopyFromHostCore(destination, source);
    }

    /// <summary>Copies a tensor to host memory, after all operations before it have ended.</summary>
    public void CopyToHost<T>(Span<T> destination, Tensor source)
        where T : unmanaged
    {
        Expect.Copied<T>(source, destination.Length);
        CopyToHostCore(destination, source);
    }

    /// <summary>Sets every element: <c>tensor = value</c>.</summary>
    public void Fill(Tensor tensor, float value)
    {
        Expect.Floating(tensor, tensor.Shape);
        FillCore(tensor, value);
    }

    /// <summary><c>destination = source</c>, of any type and of equal shapes.</summary>
    public void Copy(Tensor destination, Tensor source)
    {
        Expect.Elements(destination, destination.DType, destination.Shape);
        Expect.Elements(source, destination.DType, destination.Shape);
        CopyCore(destination, source);
    }

    /// <summary><c>destination += source</c>, of equal shapes.</summary>
    public void Add(Tensor destination, Tensor source)
    {
        Expect.Floating(destination, destination.Shape);
        Expect.Elements(source, destination.DType, destination.Shape);
        AddCore(destination, source);
    }

    /// <summary><c>output[i] = input[rows[i]]</c>, of the batch's selected rows.</summary>
    /// <param name="output">[R, C], =.</param>
    /// <param name="input">[T, C].</param>
    public void GatherRows(Tensor output, Tensor input, PreparedBatch batch)
    {
        Expect.Batch(batch);
        Expect.Matrix(input);
        Expect.Elements(input, input.DType, new Shape(batch.TokenCount, input.Shape[1]));
        Expect.Elements(output, input.DType, new Shape(batch.Rows.Length, input.Shape[1]));
        GatherRowsCore(output, input, batch);
    }

    /// <summary>Backward of <see cref="GatherRows"/>: <c>output[rows[i]] = input[i]</c>, and zero in all other rows.</summary>
    /// <param name="output">[T, C], =.</param>
    /// <param name="input">[R, C].</param>
    /// <param name="batch">Its selected rows ascend.</param>
    public void ScatterRows(Tensor output, Tensor input, PreparedBatch batch)
    {
        Expect.Batch(batch);
        Expect.Matrix(output);
        Expect.Elements(output, output.DType, new Shape(batch.TokenCount, output.Shape[1]));
        Expect.Elements(input, output.DType, new Shape(batch.Rows.Length, output.Shape[1]));
        if (!batch.RowsAscend)
        {
            throw new ShapeException(nameof(ScatterRows), nameof(batch), "of ascending rows", "not");
        }

        ScatterRowsCore(output, input, batch);
    }

    public abstract void Dispose();

    /// <summary>Checks of an operation's tensors.</summary>
    private protected TensorContract Expect { get; }
}
