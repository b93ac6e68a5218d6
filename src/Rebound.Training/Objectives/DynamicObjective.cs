using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>−p·log p, where the first p has no gradient (Wu et al. 2025, arXiv 2508.05629).</summary>
internal sealed class DynamicObjective(LearningSet data) : TokenObjective(data)
{
    protected override double Value(LearningDocument document, double before, double loss) => Math.Exp(-loss) * loss;

    protected override double Slope(LearningDocument document, double before, double loss) => Math.Exp(-loss);

    protected override void Observe(LearningDocument document, double before, double loss, StepMetrics metrics) =>
        metrics.Add("prob/chosen", Math.Exp(-loss));
}
