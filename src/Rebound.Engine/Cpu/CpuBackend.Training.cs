using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override int CrossEntropyHeadScratch(int supervisedRows, int hidden, int vocabulary) =>
        checked(CrossEntropy.BlockRows(supervisedRows) * ((2 * hidden) + vocabulary));

    public override void CrossEntropyHead(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PackedBatch batch, Tensor scratch,
        float lossScale)
    {
        Expect.Matrix(weight);
        var (width, vocabulary, supervised) = (weight.Shape[1], weight.Shape[0], batch.SupervisedRows.Length);
        Expect.Floats(hidden, new Shape(batch.TokenCount, width));
        Expect.Floats(losses, new Shape(supervised));
        Expect.FloatsOrEmpty(dHidden, hidden.Shape);
        Expect.FloatsOrEmpty(dWeight, weight.Shape);
        Expect.AtLeast(scratch, CrossEntropyHeadScratch(supervised, width, vocabulary));
        Expect.Tokens(batch.Targets, vocabulary);
        if (dHidden.IsEmpty && !dWeight.IsEmpty)
        {
            throw new ShapeException(nameof(CrossEntropyHead), nameof(dWeight), "absent when dHidden is", dWeight.ToString());
        }

        CrossEntropy.Head(
            _gemm, Floats(losses), Floats(dHidden), Floats(dWeight), Floats(hidden), Floats(weight), batch, Floats(scratch), width,
            vocabulary, lossScale);
    }

    public override void AdamW(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        Expect.Floats(parameter, parameter.Shape);
        Expect.Floats(gradient, parameter.Shape);
        Expect.Floats(firstMoment, parameter.Shape);
        Expect.Floats(secondMoment, parameter.Shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        Adam.Step(Floats(parameter), Floats(gradient), Floats(firstMoment), Floats(secondMoment), (nint)parameter.Count, step);
    }

    public override double SumOfSquares(Tensor tensor)
    {
        Expect.Floats(tensor, tensor.Shape);
        var values = Floats(tensor);
        var sum = 0.0;
        for (nint i = 0; i < (nint)tensor.Count; i++)
        {
            sum += (double)values[i] * values[i];
        }

        return sum;
    }
}
