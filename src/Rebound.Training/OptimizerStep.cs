using Rebound.Engine;
using Rebound.Training.Methods;

namespace Rebound.Training;

/// <summary>One optimizer step: what all ranks read, and the batches of this one.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Epoch">Passes over the documents when the step is done.</param>
/// <param name="Units">Those of all ranks.</param>
/// <param name="Batches">This rank's.</param>
/// <param name="Passes">
/// The forward and backward passes of every rank, each as the tokens that all of them read in it. A rank that has fewer batches has none
/// in the last.
/// </param>
public sealed record OptimizerStep(
    int Number, double Epoch, IReadOnlyList<LearningUnit> Units, IReadOnlyList<StepBatch> Batches, IReadOnlyList<int> Passes)
{
    /// <summary>Documents of all ranks.</summary>
    public required int Documents { get; init; }

    /// <summary>Tokens of all ranks.</summary>
    public int Tokens => Passes.Sum();

    /// <summary>A step of batches that every rank has alike, outside of a run.</summary>
    internal static OptimizerStep Of(IReadOnlyList<StepBatch> batches) => new(
        0, 0, [.. batches.SelectMany(batch => batch.Units)], batches, [.. batches.Select(batch => batch.Packed.TokenCount)])
    {
        Documents = batches.Sum(batch => batch.Packed.DocumentCount),
        SupervisedTokens = batches.Sum(batch => batch.Packed.SupervisedRows.Length),
    };

    /// <summary>Those in the loss, of all ranks: where all count alike, the denominator of the loss.</summary>
    public required int SupervisedTokens { get; init; }
}

/// <summary>A batch of a step.</summary>
/// <param name="Packed">The documents of the units, one after the other.</param>
/// <param name="Units">Which they are.</param>
public sealed record StepBatch(PackedBatch Packed, IReadOnlyList<LearningUnit> Units);
