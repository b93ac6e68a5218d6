namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary>
    /// Elements of the scratch tensor that <see cref="CrossEntropyHead"/> needs for a batch with up to
    /// <paramref name="supervisedRows"/> supervised rows.
    /// </summary>
    public abstract int CrossEntropyHeadScratch(int supervisedRows, int vocabulary);

    /// <summary>
    /// Head and cross-entropy over a batch's supervised rows, forward and backward in one pass, a block of rows at a
    /// time, so that no [S, V] tensor exists: <c>logits = hidden[row] · weightᵀ</c>,
    /// <c>loss = logSumExp(logits) − logits[target]</c>, <c>dLogits = (softmax(logits) − onehot(target)) · lossScale · rowWeight</c>.
    /// </summary>
    /// <param name="losses">[S], =: the loss in nats of each of the batch's supervised rows, unscaled.</param>
    /// <param name="dHidden">[S, C], =. Empty: forward only, no gradient at all.</param>
    /// <param name="dWeight">[V, C], +=; empty when the head is frozen.</param>
    /// <param name="hidden">[S, C], the final norm's output in the supervised rows.</param>
    /// <param name="weight">[V, C].</param>
    /// <param name="batch">Its supervised rows' targets.</param>
    /// <param name="scratch">fp32, at least <see cref="CrossEntropyHeadScratch"/> elements.</param>
    /// <param name="lossScale">Usually 1 / the supervised tokens of the whole optimizer step.</param>
    /// <param name="rowWeights">[S] fp32, of each row's gradient; losses stay unweighted. Empty: 1 for all.</param>
    public void CrossEntropyHead(
        Tensor losses, Tensor dHidden, Tensor dWeight, Tensor hidden, Tensor weight, PreparedBatch batch, Tensor scratch,
        float lossScale, Tensor rowWeights = default)
    {
        Expect.Batch(batch);
        Expect.Weight(weight, hidden.DType);
        var (width, vocabulary, supervised) = (weight.Shape[1], weight.Shape[0], batch.Batch.Targets.Length);
        Expect.Floating(hidden, new Shape(supervised, width));
        Expect.Floats(losses, new Shape(supervised));
        Expect.ElementsOrEmpty(dHidden, hidden.DType, hidden.Shape);
        Expect.FloatingOrEmpty(dWeight, weight.Shape);
        Expect.AtLeast(scratch, CrossEntropyHeadScratch(supervised, vocabulary));
        if (!rowWeights.IsEmpty)
        {
            Expect.Floats(rowWeights, losses.Shape);
        }

        TensorContract.Tokens(batch.Batch.Targets, batch.Batch.TargetRange, vocabulary);
        if (dHidden.IsEmpty && !dWeight.IsEmpty)
        {
            throw new ShapeException(nameof(CrossEntropyHead), nameof(dWeight), "absent when dHidden is", dWeight.ToString());
        }

        CrossEntropyHeadCore(losses, dHidden, dWeight, hidden, weight, batch, scratch, lossScale, rowWeights);
    }

    /// <summary>
    /// One AdamW step with decoupled decay (Loshchilov and Hutter 2019, arXiv 1711.05101), in place:
    /// <c>p −= lr·decay·p; m = β1·m + (1−β1)·g; v = β2·v + (1−β2)·g²;
    /// p −= lr · (m / (1−β1^step)) / (√(v / (1−β2^step)) + ε)</c> with <c>g = gradient · gradientScale</c>.
    /// </summary>
    /// <param name="parameter">Any shape, fp32, in place.</param>
    /// <param name="gradient">As the parameter; not changed. On a GPU it may be bf16.</param>
    /// <param name="firstMoment">m, in place. On a GPU it may be bf16.</param>
    /// <param name="secondMoment">v, of m's type, in place.</param>
    public void AdamW(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        Expect.Floats(parameter, parameter.Shape);
        Expect.Optimizer(parameter, gradient, firstMoment, secondMoment, step);
        AdamWCore(parameter, gradient, firstMoment, secondMoment, step);
    }

    /// <summary>
    /// As <see cref="AdamW"/> on a parameter in two halves: the bf16 that forward and backward read, and beside it the lower
    /// half of the value's bits, so that together they are an exact fp32 (<see cref="SplitFloat32"/>).
    /// </summary>
    /// <param name="parameter">Any shape, bf16, in place: the upper halves.</param>
    /// <param name="lower">As the parameter, of <see cref="DType.UInt16"/>, in place: the lower halves.</param>
    /// <param name="gradient">As the parameter, bf16 or fp32; not changed.</param>
    /// <param name="firstMoment">m, fp32 or bf16, in place.</param>
    /// <param name="secondMoment">v, of m's type, in place.</param>
    /// <exception cref="NotSupportedException">The backend keeps parameters in fp32.</exception>
    public void AdamWSplit(
        Tensor parameter, Tensor lower, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        Expect.Elements(parameter, DType.BFloat16, parameter.Shape);
        Expect.Elements(lower, DType.UInt16, parameter.Shape);
        Expect.Optimizer(parameter, gradient, firstMoment, secondMoment, step);
        AdamWSplitCore(parameter, lower, gradient, firstMoment, secondMoment, step);
    }

    /// <summary>The sum of squares of a gradient, in a fixed order, accumulated in fp64.</summary>
    public double SumOfSquares(Tensor tensor) => SumOfSquares([tensor]);

    /// <summary>The sum of squares of several gradients; a GPU is waited for once.</summary>
    public double SumOfSquares(ReadOnlySpan<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            Expect.Floating(tensor, tensor.Shape);
        }

        return SumOfSquaresCore(tensors);
    }
}

/// <summary>The numbers of one AdamW step.</summary>
/// <param name="LearningRate">lr of this step.</param>
/// <param name="Step">1 for the first step: the exponent of the bias correction.</param>
/// <param name="GradientScale">The clip factor, 1 for none.</param>
/// <param name="Dither">Of a parameter in two halves: the one that it was split with (<see cref="SplitFloat32"/>).</param>
/// <param name="First">Index of the first element in the whole parameter, where it is a part of one: a multiple of 32.</param>
public readonly record struct AdamWStep(
    float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, int Step, float GradientScale, uint Dither = 0,
    long First = 0);
