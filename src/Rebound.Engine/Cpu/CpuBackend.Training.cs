using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override int CrossEntropyHeadScratch(int supervisedRows, int vocabulary) =>
        checked(HeadWithCrossEntropy.BlockRows(supervisedRows) * vocabulary);

    public override void CrossEntropyHead(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PackedBatch batch, Tensor scratch,
        float lossScale)
    {
        Expect.Matrix(weight);
        var (width, vocabulary, supervised) = (weight.Shape[1], weight.Shape[0], batch.SupervisedRows.Length);
        Expect.Floats(hidden, new Shape(supervised, width));
        Expect.Floats(losses, new Shape(supervised));
        Expect.FloatsOrEmpty(dHidden, hidden.Shape);
        Expect.FloatsOrEmpty(dWeight, weight.Shape);
        Expect.AtLeast(scratch, CrossEntropyHeadScratch(supervised, vocabulary));
        Expect.Tokens(batch.Targets, vocabulary);
        if (dHidden.IsEmpty && !dWeight.IsEmpty)
        {
            throw new ShapeException(nameof(CrossEntropyHead), nameof(dWeight), "absent when dHidden is", dWeight.ToString());
        }

        var head = new HeadWithCrossEntropy
        {
            Losses = Floats(losses),
            DHidden = Floats(dHidden),
            DWeight = Floats(dWeight),
            Hidden = Floats(hidden),
            Weight = Floats(weight),
            Scratch = Floats(scratch),
            Width = width,
            Vocabulary = vocabulary,
            LossScale = lossScale,
        };
        head.Run(_pool, _gemm, batch);
    }

    public override void AdamW(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        Expect.Floats(parameter, parameter.Shape);
        Expect.Floats(gradient, parameter.Shape);
        Expect.Floats(firstMoment, parameter.Shape);
        Expect.Floats(secondMoment, parameter.Shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        var kernel = new AdamKernel(
            Floats(parameter), Floats(gradient), Floats(firstMoment), Floats(secondMoment), (nint)parameter.Count, step);
        Rows.Run(_pool, kernel, Rows.Blocks(parameter.Count), 7 * Rows.BlockElements * sizeof(float));
    }

    public override double SumOfSquares(ReadOnlySpan<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            Expect.Floats(tensor, tensor.Shape);
        }

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
