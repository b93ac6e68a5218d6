using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private const int ElementwiseThreads = 256;

    /// <summary>Blocks of a multiprocessor that keep its memory pipeline full in a loop over elements.</summary>
    private const int BlocksPerMultiprocessor = 8;

    private static readonly Kernel AddKernel = new("elementwise", "add");
    private static readonly Kernel GatherKernel = new("elementwise", "gather_rows");
    private static readonly Kernel ScatterKernel = new("elementwise", "scatter_rows");
    private static readonly Kernel EmbeddingBackwardKernel = new("embedding", "embedding_backward");

    protected override void FillCore(Tensor tensor, float value)
    {
        MakeCurrent();
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (tensor.DType == DType.Float32)
        {
            DriverApi.SetWords(tensor.Address, bits, tensor.Count, _stream);
        }
        else
        {
            var rounded = (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
            DriverApi.SetHalfWords(tensor.Address, rounded, tensor.Count, _stream);
        }
    }

    protected override void CopyCore(Tensor destination, Tensor source)
    {
        MakeCurrent();
        DriverApi.CopyWithinDevice(destination.Address, source.Address, source.Count * source.DType.SizeInBytes(), _stream);
    }

    protected override void AddCore(Tensor destination, Tensor source)
    {
        var variant = new KernelVariant(
            destination.DType, Wide: KernelVariant.IsWide(destination.DType, destination.Count, destination, source));
        Launch(
            AddKernel, variant, (BlocksFor(destination.Count, variant.Lanes), 1), (ElementwiseThreads, 1), 0,
            destination, source, destination.Count);
    }

    protected override void GatherRowsCore(Tensor output, Tensor input, PreparedBatch batch)
    {
        MakeCurrent();
        CopyRows(GatherKernel, output, input, ((CudaBatch)batch).SelectedRows, batch.Rows.Length);
    }

    protected override void ScatterRowsCore(Tensor output, Tensor input, PreparedBatch batch)
    {
        MakeCurrent();
        DriverApi.SetBytes(output.Address, 0, output.Count * output.DType.SizeInBytes(), _stream);
        CopyRows(ScatterKernel, output, input, ((CudaBatch)batch).SelectedRows, batch.Rows.Length);
    }

    protected override void EmbeddingForwardCore(Tensor output, Tensor weight, PreparedBatch batch)
    {
        MakeCurrent();
        if (weight.DType.IsQuantized())
        {
            GatherBlocks(output, weight, ((CudaBatch)batch).Tokens, batch.TokenCount);
            return;
        }

        CopyRows(GatherKernel, output, weight, ((CudaBatch)batch).Tokens, batch.TokenCount);
    }

    protected override void EmbeddingBackwardCore(Tensor dWeight, Tensor dOutput, PreparedBatch batch)
    {
        MakeCurrent();
        var width = dWeight.Shape[1];
        var variant = new KernelVariant(
            dOutput.DType, dWeight.DType, KernelVariant.IsWide(dOutput.DType, width, dWeight, dOutput));
        var occurrences = ((CudaBatch)batch).Occurrences;
        var (tokens, count) = occurrences.Tokens;
        var threads = Math.Min(128, ThreadsFor(width, variant.Lanes));
        Launch(
            EmbeddingBackwardKernel, variant, (count, Blocks(width, threads * variant.Lanes)), (threads, 1), 0,
            dWeight, dOutput, tokens, occurrences.Starts, occurrences.Rows, width);
    }

    private void CopyRows(Kernel kernel, Tensor output, Tensor input, nint rows, int count)
    {
        if (count == 0)
        {
            return;
        }

        var width = input.Shape[1];
        var variant = new KernelVariant(input.DType, Wide: KernelVariant.IsWide(input.DType, width, output, input));
        Launch(kernel, variant, (count, 1), (ThreadsFor(width, variant.Lanes), 1), 0, output, input, rows, width);
    }

    /// <summary>Blocks of a loop over elements: one for every stretch, up to what fills the GPU.</summary>
    private int BlocksFor(long count, int lanes) =>
        (int)Math.Clamp(
            (count + (ElementwiseThreads * lanes) - 1) / (ElementwiseThreads * lanes), 1, BlocksPerMultiprocessor * _multiprocessors);

    private static int Blocks(int count, int each) => (count + each - 1) / each;
}
