using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// −log p for successes, −α·log(1 − p) for failures, with 1 − p of 1e-6 at least (Welleck et al. 2019, arXiv 1908.04319).
/// </summary>
internal sealed class UnlikelihoodObjective(LearningSet data) : TokenObjective(data)
{
    private const double LeastComplement = 1e-6;

    protected override double Value(LearningDocument document, double before, double loss) => document.Failed
        ? -Data.Options.UnlikelihoodWeight * Math.Log(Math.Max(Complement(loss), LeastComplement))
        : loss;

    protected override double Slope(LearningDocument document, double before, double loss)
    {
        if (!document.Failed)
        {
            return 1;
        }

        var complement = Complement(loss);
        return complement < LeastComplement ? 0 : -Data.Options.UnlikelihoodWeight * Math.Exp(-loss) / complement;
    }

    protected override void Observe(LearningDocument document, double before, double loss, StepMetrics metrics) =>
        metrics.Add(document.Failed ? "prob/rejected" : "prob/chosen", Math.Exp(-loss));

    private static double Complement(double loss) => 1 - Math.Exp(-loss);
}
