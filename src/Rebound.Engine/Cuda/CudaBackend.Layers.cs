using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    /// <summary>Elements of a head that the kernels of single heads can hold: eight a lane.</summary>
    private const int LargestHeadDim = 256;

    /// <summary>Blocks of a multiprocessor that share the tokens of a backward of query and key norms.</summary>
    private const int QueryKeyNormBlocks = 4;

    private const int WarpThreads = 32;
    private const int HeadThreads = 256;

    private static readonly Kernel QueryKeyNormForwardKernel = new("query_key_norm", "query_key_norm_forward");
    private static readonly Kernel QueryKeyNormBackwardKernel = new("query_key_norm", "query_key_norm_backward");
    private static readonly Kernel RotaryKernel = new("rotary", "rotary");
    private static readonly Kernel SwiGluForwardKernel = new("swiglu", "swiglu_forward");
    private static readonly Kernel SwiGluBackwardKernel = new("swiglu", "swiglu_backward");
    private static readonly Kernel AddPartsKernel = new("reduction", "add_parts");

    protected override void QueryKeyNormForwardCore(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        var tokens = input.Shape[0];
        var heads = (long)tokens * shape.FusedHeads;
        Launch(
            QueryKeyNormForwardKernel, Heads(input, shape), (WarpBlocks(heads), 1), (HeadThreads, 1), 0,
            output, reciprocalRms, input, queryWeight, keyWeight, heads, shape.QueryHeads, shape.KeyValueHeads, epsilon);
    }

    protected override void QueryKeyNormBackwardCore(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        var tokens = input.Shape[0];
        MakeCurrent();
        var blocks = Math.Min(WarpBlocks(tokens), QueryKeyNormBlocks * _multiprocessors);
        var warps = blocks * (HeadThreads / WarpThreads);
        var parts = _workspace.Reserve((long)warps * 2 * shape.HeadDim * sizeof(float));
        Launch(
            QueryKeyNormBackwardKernel, Heads(input, shape), (blocks, 1), (HeadThreads, 1), 0,
            dInput, parts, dOutput, input, queryWeight, keyWeight, reciprocalRms, tokens, shape.QueryHeads,
            shape.KeyValueHeads);
        if (!dQueryWeight.IsEmpty)
        {
            AddParts(dQueryWeight, parts, warps, 2 * shape.HeadDim, shape.HeadDim);
        }

        if (!dKeyWeight.IsEmpty)
        {
            AddParts(dKeyWeight, parts + (shape.HeadDim * sizeof(float)), warps, 2 * shape.HeadDim, shape.HeadDim);
        }
    }

    protected override void RotaryForwardCore(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape) =>
        Rotate(queryKeyValue, rotary, batch, shape, sign: 1);

    protected override void RotaryBackwardCore(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape) =>
        Rotate(dQueryKeyValue, rotary, batch, shape, sign: -1);

    protected override void SwiGluForwardCore(Tensor output, Tensor gateUp)
    {
        var (tokens, width) = (output.Shape[0], output.Shape[1]);
        var variant = new KernelVariant(output.DType, Wide: KernelVariant.IsWide(output.DType, width, output, gateUp));
        Launch(
            SwiGluForwardKernel, variant, (tokens, Blocks(width, ElementwiseThreads * variant.Lanes)), (ElementwiseThreads, 1), 0,
            output, gateUp, width);
    }

    protected override void SwiGluBackwardCore(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        var (tokens, width) = (dOutput.Shape[0], dOutput.Shape[1]);
        var variant = new KernelVariant(
            dOutput.DType, Wide: KernelVariant.IsWide(dOutput.DType, width, dGateUp, output, dOutput, gateUp));
        Launch(
            SwiGluBackwardKernel, variant, (tokens, Blocks(width, ElementwiseThreads * variant.Lanes)), (ElementwiseThreads, 1), 0,
            dGateUp, output, dOutput, gateUp, width);
    }

    /// <summary><c>into += Σ_p parts[p]</c> of <paramref name="count"/> parts, <paramref name="stride"/> floats apart.</summary>
    private void AddParts(Tensor into, nint parts, int count, int stride, int width) => Launch(
        AddPartsKernel, new KernelVariant(DType.Float32, into.DType), (Blocks(width, 32), 1), (32, 16), 0,
        into, parts, count, stride, width);

    private void Rotate(Tensor heads, RotaryTable rotary, PreparedBatch batch, AttentionShape shape, int sign)
    {
        MakeCurrent();
        var half = shape.HeadDim / 2;
        var variant = new KernelVariant(
            heads.DType, Wide: KernelVariant.IsWide(heads.DType, half, heads, rotary.Cosines, rotary.Sines));
        var rotated = shape.QueryHeads + shape.KeyValueHeads;
        Launch(
            RotaryKernel, variant, (batch.TokenCount, 1), (ThreadsFor(rotated * half, variant.Lanes), 1), 0,
            heads, rotary.Cosines, rotary.Sines, ((CudaBatch)batch).Positions, rotated, shape.FusedHeads,
            shape.HeadDim, (float)sign);
    }

    /// <summary>Blocks of <see cref="HeadThreads"/> with a warp for each of so many heads or tokens.</summary>
    private static int WarpBlocks(long warps) => checked((int)((warps + (HeadThreads / WarpThreads) - 1) / (HeadThreads / WarpThreads)));
}
