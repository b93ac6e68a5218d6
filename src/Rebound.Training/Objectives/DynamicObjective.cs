using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>−p·log p, where the first p has no gradient (Wu et al. 2025, arXiv 2508.05629).</summary>
internal sealed class DynamicObjective(LearningSet data) : TokenObjective(data)
{
    protected override double Value(int document, int token, double loss) => Math.Exp(-loss) * loss;

    protected override double Slope(int document, int token, double loss) => Math.Exp(-loss);

    protected override void Observe(int document, int token, double loss, StepMetrics metrics) =>
        metrics.Add("prob/chosen", Math.Exp(-loss));
}
