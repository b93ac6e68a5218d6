using System.Runtime.InteropServices;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private const int CrossEntropyThreads = 1024;

    /// <summary>Rows of logits that matrix products run at full speed with.</summary>
    private const int LargestHeadBlock = 4096;

    /// <summary>Logits of one block of rows: 256 MiB.</summary>
    private const int LogitsOfBlock = 64 << 20;

    private const int SquareSumBlocks = 1024;
    private const int SquareSumElements = 8192;

    private static readonly Kernel CrossEntropyKernel = new("cross_entropy", "cross_entropy");
    private static readonly Kernel AdamWKernel = new("adamw", "adamw");
    private static readonly Kernel SquareSumsKernel = new("reduction", "square_sums");
    private static readonly Kernel TotalKernel = new("reduction", "total");

    public override int CrossEntropyHeadScratch(int supervisedRows, int vocabulary) =>
        checked(HeadBlock(supervisedRows, vocabulary) * vocabulary);

    /// <remarks>Logits and losses are fp32 whatever the weights are; logit gradients are of the weights' type.</remarks>
    protected override void CrossEntropyHeadCore(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights)
    {
        var (vocabulary, supervised) = (weight.Shape[0], batch.Batch.Targets.Length);
        MakeCurrent();
        var block = HeadBlock(supervised, vocabulary);
        for (var first = 0; first < supervised; first += block)
        {
            var count = Math.Min(block, supervised - first);
            HeadBlockOfRows(
                losses.Rows(first, count), first, dHidden.IsEmpty ? default : dHidden.Rows(first, count), dWeight,
                hidden.Rows(first, count), weight, batch, scratch, lossScale,
                rowWeights.IsEmpty ? default : rowWeights.Rows(first, count));
        }
    }

    protected override void AdamWCore(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step) =>
        Step(parameter, default, gradient, firstMoment, secondMoment, step);

    protected override void AdamWSplitCore(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step) =>
        Step(parameter, lower, gradient, firstMoment, secondMoment, step);

    protected override double SumOfSquaresCore(ReadOnlySpan<Tensor> tensors)
    {
        var parts = 0;
        foreach (var tensor in tensors)
        {
            parts += SquareSumParts(tensor);
        }

        MakeCurrent();
        var sums = _workspace.Reserve((parts + 1L) * sizeof(double));
        var part = sums + sizeof(double);
        foreach (var tensor in tensors)
        {
            var variant = new KernelVariant(tensor.DType, Wide: KernelVariant.IsWide(tensor.DType, tensor.Count, tensor));
            Launch(
                SquareSumsKernel, variant, (SquareSumParts(tensor), 1), (ElementwiseThreads, 1), 0, part, tensor, tensor.Count);
            part += SquareSumParts(tensor) * sizeof(double);
        }

        Launch(TotalKernel, new KernelVariant(DType.Float32), (1, 1), (CrossEntropyThreads, 1), 0, sums, sums + sizeof(double), parts);
        var sum = 0.0;
        _staging.Download(MemoryMarshal.AsBytes(new Span<double>(ref sum)), sums);
        return sum;
    }

    private void HeadBlockOfRows(
        Tensor losses, int first, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch,
        Tensor scratch, float lossScale, Tensor rowWeights)
    {
        var (type, count, vocabulary) = (hidden.DType, losses.Shape[0], weight.Shape[0]);
        var targets = ((CudaBatch)batch).Targets + (first * sizeof(int));
        var logits = new Tensor(scratch.Address, new Shape(count, vocabulary), DType.Float32, Device);
        Forward(All(logits), All(hidden), weight, bias: 0, accumulate: false);
        Launch(
            CrossEntropyKernel, new KernelVariant(type), (count, 1), (Math.Min(CrossEntropyThreads, (vocabulary + 31) / 32 * 32), 1), 0,
            losses, logits, targets, vocabulary, lossScale, rowWeights, !dHidden.IsEmpty);
        if (dHidden.IsEmpty)
        {
            return;
        }

        // The gradients lie in the rows of the fp32 logits, so that bf16 ones take the first half of each.
        var rowElements = vocabulary * (sizeof(float) / type.SizeInBytes());
        var dLogits = new Tensor(logits.Address, new Shape(count, rowElements), type, Device).Columns(0, vocabulary);
        BackwardInput(All(dHidden), dLogits, weight, accumulate: false);
        if (!dWeight.IsEmpty)
        {
            BackwardWeight(dWeight, dLogits, All(hidden));
        }
    }

    private void Step(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        var wide = KernelVariant.IsWide(parameter.DType, parameter.Count, parameter, lower, gradient, firstMoment, secondMoment);
        var traits = (lower.IsEmpty ? KernelTraits.None : KernelTraits.SplitParameter)
            | (firstMoment.DType == DType.BFloat16 ? KernelTraits.BFloat16Moments : KernelTraits.None);
        var variant = new KernelVariant(parameter.DType, gradient.DType, wide, Traits: traits);
        Launch(
            AdamWKernel, variant, (BlocksFor(parameter.Count, variant.Lanes), 1), (ElementwiseThreads, 1), 0,
            parameter, lower, gradient, firstMoment, secondMoment, parameter.Count,
            1 - (step.LearningRate * step.WeightDecay),
            (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step))),
            (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step))),
            step.Beta1, step.Beta2, step.Epsilon, step.GradientScale, step.Step, step.Dither, step.First);
    }

    private static int HeadBlock(int supervised, int vocabulary)
    {
        var most = Math.Clamp(LogitsOfBlock / vocabulary / 128 * 128, 128, LargestHeadBlock);
        return Math.Clamp(supervised, 1, most);
    }

    private static int SquareSumParts(Tensor tensor) =>
        (int)Math.Clamp((tensor.Count + SquareSumElements - 1) / SquareSumElements, 1, SquareSumBlocks);
}
