using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override int CrossEntropyHeadScratch(int supervisedRows, int vocabulary) =>
        checked(HeadWithCrossEntropy.BlockRows(supervisedRows) * vocabulary);

    protected override void CrossEntropyHeadCore(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights)
    {
        var head = new HeadWithCrossEntropy
        {
            Losses = Floats(losses),
            DHidden = Floats(dHidden),
            DWeight = Floats(dWeight),
            Hidden = Floats(hidden),
            Weight = MatrixView.Of(weight),
            Scratch = Floats(scratch),
            Width = weight.Shape[1],
            Vocabulary = weight.Shape[0],
            LossScale = lossScale,
            RowWeights = Floats(rowWeights),
        };
        head.Run(_pool, _gemm, batch.Batch);
    }

    protected override void AdamWCore(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        var kernel = new AdamKernel(
            Floats(parameter), Floats(gradient), Floats(firstMoment), Floats(secondMoment), (nint)parameter.Count, step);
        Rows.Run(_pool, kernel, Rows.Blocks(parameter.Count), 7 * Rows.BlockElements * sizeof(float));
    }

    /// <summary>
    /// As <see cref="Backend.AdamW"/> and <see cref="Backend.AdamWSplit"/>, for parameters of a device that computes in bf16 and whose
    /// optimizer's state lies in host memory. All tensors are the host's, of as many elements.
    /// </summary>
    /// <param name="parameter">fp32; or bf16, the upper halves. In place.</param>
    /// <param name="lower">The lower halves, in place; empty for fp32.</param>
    /// <param name="gradient">fp32 or bf16; not changed.</param>
    /// <param name="firstMoment">m, fp32, or bf16, rounded stochastically; in place.</param>
    /// <param name="secondMoment">v, of m's type, in place.</param>
    public void AdamWInHostMemory(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        Expect.Elements(parameter, lower.IsEmpty ? DType.Float32 : DType.BFloat16, parameter.Shape);
        Expect.Elements(gradient, TypeOf(gradient), parameter.Shape);
        Expect.Elements(firstMoment, TypeOf(firstMoment), parameter.Shape);
        Expect.Elements(secondMoment, firstMoment.DType, parameter.Shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1);
        if (lower.IsEmpty && gradient.DType == DType.Float32 && firstMoment.DType == DType.Float32)
        {
            AdamWCore(parameter, gradient, firstMoment, secondMoment, step);
            return;
        }

        if (!lower.IsEmpty)
        {
            Expect.Elements(lower, DType.UInt16, parameter.Shape);
        }

        var kernel = new AdamHalvesKernel
        {
            Parameter = (void*)parameter.Address,
            Lower = (ushort*)lower.Address,
            Gradient = (void*)gradient.Address,
            First = (void*)firstMoment.Address,
            Second = (void*)secondMoment.Address,
            HasHalfGradient = gradient.DType == DType.BFloat16,
            HasHalfMoments = firstMoment.DType == DType.BFloat16,
            Count = (nint)parameter.Count,
            Step = step,
        };
        Rows.Run(_pool, kernel, Rows.Blocks(parameter.Count), 7 * Rows.BlockElements * sizeof(ushort));

        static DType TypeOf(Tensor tensor) => tensor.DType == DType.BFloat16 ? DType.BFloat16 : DType.Float32;
    }

    protected override double SumOfSquaresCore(ReadOnlySpan<Tensor> tensors)
    {
        var sum = 0.0;
        foreach (var tensor in tensors)
        {
            sum += SumOfSquaresOf(tensor);
        }

        return sum;
    }

    private double SumOfSquaresOf(Tensor tensor)
    {
        var blocks = Rows.Blocks(tensor.Count);
        var sums = (double*)_workspace.Bytes((long)blocks * sizeof(double));
        var kernel = new SquareSumKernel { SumOfBlock = sums, Values = Floats(tensor), Count = (nint)tensor.Count };
        Rows.Run(_pool, kernel, blocks, Rows.BlockElements * sizeof(float));
        var sum = 0.0;
        for (var block = 0; block < blocks; block++)
        {
            sum += sums[block];
        }

        return sum;
    }
}
