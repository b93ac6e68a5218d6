using System.Runtime.InteropServices;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine;

/// <content>Frozen weights in blocks: products of few rows read them as they are, others after they have been widened.</content>
public sealed unsafe partial class CudaBackend
{
    /// <summary>Bytes of blocks that are laid out at a time.</summary>
    private const long StoredPieceBytes = 64 << 20;

    /// <summary>Values that are widened for the host at a time.</summary>
    private const int ReadPieceValues = 4 << 20;

    private const int StoreThreads = 256;
    private const int WidenThreads = 128;
    private const int GatherThreads = 64;

    private static readonly Kernel StoreBlocksKernel = new("block_rows", "store_blocks");
    private static readonly Kernel WidenBlocksKernel = new("block_rows", "widen_blocks");
    private static readonly Kernel GatherBlocksKernel = new("block_rows", "gather_blocks");
    private static readonly Kernel BlockProductKernel = new("block_product", "block_product", WaitsItself: true);
    private static readonly Kernel BlockVectorKernel = new("block_vector", "block_vector", WaitsItself: true);

    /// <remarks>Whole records of words: rows and columns are filled up.</remarks>
    public override TensorSpec StoredSpec(string name, Shape shape, DType type)
    {
        var tileWords = BlockForm.Of(type).TileBytes(shape[1]) / sizeof(int);
        return new TensorSpec(name, new Shape(BlockForm.TilesOf(shape[0]), checked((int)tileWords)), DType.Int32);
    }

    public override long StoredScratchBytes(long largest) => DeviceBuffer.TightBytes(largest * ElementType.SizeInBytes());

    public override bool Follows(Tensor lower, Tensor upper) =>
        upper.DType == lower.DType && upper.Shape[1] == lower.Shape[1] && upper.Shape[0] % BlockForm.TileRows == 0
        && upper.Address + (nint)StoredSpec("", upper.Shape, upper.DType).Bytes == lower.Address;

    protected override void StoreCore(Tensor destination, ReadOnlySpan<byte> blocks)
    {
        MakeCurrent();
        var (form, rows, width) = (BlockForm.Of(destination.DType), destination.Shape[0], destination.Shape[1]);
        var (rowBytes, tileBytes) = (destination.DType.BytesOf(width), form.TileBytes(width));
        var rowsAtOnce = (int)Math.Max(StoredPieceBytes / rowBytes / BlockForm.TileRows, 1) * BlockForm.TileRows;
        for (var row = 0; row < rows; row += rowsAtOnce)
        {
            var count = Math.Min(rowsAtOnce, rows - row);
            var bytes = blocks.Slice(checked((int)(row * rowBytes)), checked((int)(count * rowBytes)));
            var scratch = _widened.Reserve(bytes.Length);
            _staging.Upload(scratch, bytes);
            var words = BlockForm.TilesOf(count) * tileBytes / sizeof(int);
            Launch(
                StoreBlocksKernel, new KernelVariant(DType.BFloat16, ElementType, Blocks: form),
                (checked((int)((words + StoreThreads - 1) / StoreThreads)), 1), (StoreThreads, 1), 0,
                destination.Address + (nint)(row / BlockForm.TileRows * tileBytes), scratch, count, width);
        }

        // Products that begin before the kernels ahead of them have ended read blocks at once.
        DriverApi.Synchronize(_stream);
    }

    protected override void ReadStoredCore(Tensor weight, int firstRow, Span<float> values)
    {
        MakeCurrent();
        var (form, width) = (BlockForm.Of(weight.DType), weight.Shape[1]);
        var tilesAtOnce = Math.Max(1, ReadPieceValues / width / BlockForm.TileRows);
        while (!values.IsEmpty)
        {
            var (tile, skipped) = (firstRow / BlockForm.TileRows, firstRow % BlockForm.TileRows);
            var rows = Math.Min((tilesAtOnce * BlockForm.TileRows) - skipped, values.Length / width);
            var scratch = _widened.Reserve((long)(skipped + rows) * width * sizeof(float));
            Widen(scratch, DType.Float32, form, weight.Address + (nint)(tile * form.TileBytes(width)), skipped + rows, width);
            _staging.Download(
                MemoryMarshal.AsBytes(values[..(rows * width)]), scratch + ((nint)skipped * width * sizeof(float)));
            values = values[(rows * width)..];
            firstRow += rows;
        }
    }

    /// <summary>A weight in blocks as a plain matrix in scratch memory, until the next one is widened; a plain one as it is.</summary>
    private Tensor Widened(Tensor weight, DType type)
    {
        if (!weight.DType.IsQuantized())
        {
            return weight;
        }

        MakeCurrent();
        var scratch = _widened.Reserve(type.BytesOf(weight.Count));
        var first = scratch;
        foreach (var part in PartsOf(weight))
        {
            Widen(first, type, BlockForm.Of(part.DType), part.Address, part.Shape[0], part.Shape[1]);
            first += (nint)type.BytesOf(part.Count);
        }

        return new Tensor(scratch, weight.Shape, type, Device);
    }

    private void Widen(nint output, DType type, BlockForm form, nint records, int rows, int width) => Launch(
        WidenBlocksKernel, new KernelVariant(DType.BFloat16, type, Blocks: form),
        (Blocks(checked(BlockForm.TilesOf(rows) * form.RecordsOf(width)), WidenThreads / WarpThreads), 1), (WidenThreads, 1), 0,
        output, records, rows, width);

    private void GatherBlocks(Tensor output, Tensor weight, nint indices, int count)
    {
        var first = 0;
        foreach (var part in PartsOf(weight))
        {
            Launch(
                GatherBlocksKernel, new KernelVariant(DType.BFloat16, output.DType, Blocks: BlockForm.Of(part.DType)), (count, 1),
                (GatherThreads, 1), 0, output, part, indices, first, part.Shape[0], part.Shape[1]);
            first += part.Shape[0];
        }
    }

    /// <summary>
    /// Few rows are bound by reading the weight, which is the less the narrower it is; more are by arithmetic. Where a row's bits may not
    /// depend on the batch, the kernel takes any number of rows.
    /// </summary>
    private bool TakesBlockProduct(Tensor input, Tensor weight)
    {
        if (input.DType != DType.BFloat16 || !KernelVariant.IsWide(DType.BFloat16, input.Shape[1], input))
        {
            return false;
        }

        foreach (var part in PartsOf(weight))
        {
            if (!_batchInvariant && input.Shape[0] > BlockPlan.MostRowsOf(BlockForm.Of(part.DType)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether such a product can norm its input, too. A norm apart rounds elsewhere, which may not depend on the batch.</summary>
    private bool TakesBlockProduct(in NormedInput input, Tensor weight)
    {
        var (rows, width) = (input.Input.Shape[0], input.Input.Shape[1]);
        return weight.DType.IsQuantized() && !_batchInvariant && TakesBlockProduct(input.Input, weight)
            && BlockPlan.CanNorm(rows, width, _mostSharedBytes) && KernelVariant.IsWide(DType.BFloat16, width, input.Weight);
    }

    private BlockPlan PlanOf(Tensor weight, int rows, bool isNormed, bool isGated) => BlockPlan.Of(
        BlockForm.Of(weight.DType), rows, weight.Shape[0], weight.Shape[1], isNormed, isGated, _multiprocessors, _mostSharedBytes,
        _batchInvariant);

    /// <param name="added">What is added, of the output's place and stride; 0 for none.</param>
    /// <param name="norm">The norm of the input; empty for none.</param>
    private void BlockProduct(ColumnRange output, Tensor input, Tensor weight, nint bias, nint added, in NormedInput norm = default)
    {
        MakeCurrent();
        var (first, size) = (output.First, output.Matrix.DType.SizeInBytes());
        foreach (var part in PartsOf(weight))
        {
            var rows = part.Shape[0];
            BlockProduct(
                PlanOf(part, input.Shape[0], !norm.Weight.IsEmpty, isGated: false), output.Matrix.Columns(first, rows), input, part, up: 0,
                bias, added, norm);
            first += rows;
            bias += bias == 0 ? 0 : rows * input.DType.SizeInBytes();
            added += added == 0 ? 0 : rows * size;
        }
    }

    /// <summary>The product as a plan divides it.</summary>
    /// <param name="weight">[N, K], one part.</param>
    /// <param name="up">Where the up rows of a gated product lie, as many as the weight has; 0 for others.</param>
    internal void BlockProduct(
        BlockPlan plan, ColumnRange output, Tensor input, Tensor weight, nint up, nint bias, nint added, in NormedInput norm)
    {
        var (rows, width) = (input.Shape[0], input.Shape[1]);
        var variant = new KernelVariant(DType.BFloat16, output.Matrix.DType, Blocks: plan.Form, BlockProduct: plan.Kernel);
        var (grid, shared) = (plan.Grid(rows, output.Count), plan.SharedBytes(rows, width));
        if (plan.Kernel.IsOfOneRow)
        {
            Launch(
                BlockVectorKernel, variant, grid, plan.Block, shared, AddressOf(output), input, weight, up, bias, added, norm.Weight,
                norm.Epsilon, output.Count, width);
        }
        else
        {
            Launch(
                BlockProductKernel, variant, grid, plan.Block, shared, AddressOf(output), input, weight, up, bias, added, norm.Weight,
                norm.Epsilon, rows, output.Count, width, output.Matrix.Shape[1]);
        }
    }

    /// <summary>The gate's rows and the up rows apart, where both are of one type and begin a tile; null otherwise.</summary>
    internal (Tensor Gate, Tensor Up)? GateAndUp(Tensor weight)
    {
        var (parts, shape) = (PartsOf(weight), weight.Shape.WithRows(weight.Shape[0] / 2));
        if (parts.Count == 2 && parts[0].Shape == shape && parts[1].Shape == shape && parts[0].DType == parts[1].DType)
        {
            return (parts[0], parts[1]);
        }

        if (parts.Count > 1 || shape[0] % BlockForm.TileRows != 0)
        {
            return null;
        }

        var up = weight.Address + (nint)StoredSpec("", shape, weight.DType).Bytes;
        return (new Tensor(weight.Address, shape, weight.DType, Device), new Tensor(up, shape, weight.DType, Device));
    }

    private static IReadOnlyList<Tensor> PartsOf(Tensor weight) => weight.Parts?.Parts ?? [weight];
}
