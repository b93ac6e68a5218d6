using Rebound.Training.Methods;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Objectives;

/// <summary>
/// −Σ w·log p / Σ w: <c>vanilla</c>, <c>nut</c>, <c>nat</c> with weights by row, and <c>weighted</c>, where failures have one more.
/// </summary>
internal sealed class LikelihoodObjective(LearningSet data) : TokenObjective(data)
{
    public override bool ReadsLosses => false;

    protected override double Counts(LearningDocument document) => base.Counts(document) * OfOutcome(document);

    protected override double Value(LearningDocument document, double before, double loss) => OfOutcome(document) * loss;

    protected override double Slope(LearningDocument document, double before, double loss) => OfOutcome(document);

    private double OfOutcome(LearningDocument document) =>
        Data.Method == TrainingMethod.Weighted && document.Failed ? Data.Options.NegativeWeight : 1;
}
