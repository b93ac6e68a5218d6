using Rebound.Engine;
using Rebound.Training.Methods;

namespace Rebound.Training;

/// <summary>One optimizer step: the batches whose gradients it sums.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Epoch">Passes over the documents when the step is done.</param>
/// <param name="SupervisedTokens">Of all batches: where all tokens count alike, the denominator of the loss.</param>
public sealed record OptimizerStep(int Number, double Epoch, IReadOnlyList<StepBatch> Batches, int SupervisedTokens)
{
    public int Tokens => Batches.Sum(batch => batch.Packed.TokenCount);

    public int Documents => Batches.Sum(batch => batch.Packed.DocumentCount);
}

/// <summary>A batch of a step.</summary>
/// <param name="Packed">The documents of the units, one after the other.</param>
/// <param name="Units">Which they are.</param>
public sealed record StepBatch(PackedBatch Packed, IReadOnlyList<LearningUnit> Units);
