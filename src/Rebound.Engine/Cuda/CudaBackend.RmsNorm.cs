using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    /// <summary>Threads that a block of the forward has at least: its groups share nothing, and small blocks start and end apart.</summary>
    private const int RmsNormForwardThreads = 128;

    private static readonly RmsNormKernels RmsNormOfRows = new("");
    private static readonly RmsNormKernels RmsNormOfLongRows = new("_long");

    protected override void RmsNormForwardCore(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        var variant = new KernelVariant(input.DType, Wide: KernelVariant.IsWide(input.DType, hidden, output, input, weight));
        var group = RowGroup.Of(hidden, variant, nameof(RmsNormForward));
        var groups = Math.Max(1, RmsNormForwardThreads / group.Threads);
        Launch(
            KernelsOf(group).Forward, variant, (Blocks(tokens, groups), 1), (group.Threads, groups), 0,
            output, reciprocalRms, input, weight, tokens, hidden, epsilon);
    }

    protected override void RmsNormBackwardCore(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        MakeCurrent();
        var variant = new KernelVariant(
            input.DType, Wide: KernelVariant.IsWide(input.DType, hidden, dInput, output, dOutput, input, weight));
        var group = RowGroup.Of(hidden, variant, nameof(RmsNormBackward));
        var groups = Math.Clamp(Blocks(tokens, _multiprocessors), 1, RowGroup.BlockThreads / group.Threads);
        var blocks = Math.Min(Blocks(tokens, groups), _multiprocessors);
        var parts = dWeight.IsEmpty ? 0 : _workspace.Reserve((long)blocks * hidden * sizeof(float));
        Launch(
            KernelsOf(group).Backward, variant, (blocks, 1), (group.Threads, groups),
            dWeight.IsEmpty || groups == 1 ? 0 : hidden * sizeof(float),
            dInput, parts, output, dOutput, input, weight, reciprocalRms, tokens, hidden);
        if (!dWeight.IsEmpty)
        {
            AddParts(dWeight, parts, blocks, hidden, hidden);
        }
    }

    private static RmsNormKernels KernelsOf(RowGroup group) => group.IsLong ? RmsNormOfLongRows : RmsNormOfRows;

    private sealed record RmsNormKernels(Kernel Forward, Kernel Backward)
    {
        public RmsNormKernels(string suffix)
            : this(new Kernel("rms_norm", "rms_norm_forward" + suffix), new Kernel("rms_norm", "rms_norm_backward" + suffix))
        {
        }
    }
}
