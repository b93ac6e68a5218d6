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
            Weight = Floats(weight),
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
