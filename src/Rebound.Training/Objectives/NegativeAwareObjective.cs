using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// Negative-aware fine-tuning (Chen et al. 2025, arXiv 2505.18116). With R = π/π_old and the question's success rate q, a success's token
/// adds −(1 − q)·log R, and a failure's −(1 − q)·log max((1 − qR)/(1 − q), ε), the gradient of which passes through the maximum.
/// </summary>
internal sealed class NegativeAwareObjective(LearningSet data, Baseline baseline) : TokenObjective(data, baseline)
{
    private const double LargestLogRatio = 10;

    protected override double Value(LearningDocument document, double before, double loss)
    {
        var (rate, logRatio) = (document.SuccessRate, LogRatio(before, loss));
        return (1 - rate) * (document.Failed ? -Math.Log(Negative(rate, logRatio)) : -logRatio);
    }

    protected override double Slope(LearningDocument document, double before, double loss)
    {
        var (rate, logRatio) = (document.SuccessRate, LogRatio(before, loss));
        return !document.Failed ? 1 - rate
            : logRatio > LargestLogRatio ? 0
            : -rate * Math.Exp(logRatio) / Negative(rate, logRatio);
    }

    protected override void Observe(LearningDocument document, double before, double loss, StepMetrics metrics) =>
        metrics.Add("approx_kl", -LogRatio(before, loss));

    private static double LogRatio(double before, double loss) => before - loss;

    /// <summary>The ratio of the implicit negative policy.</summary>
    private double Negative(double rate, double logRatio) =>
        Math.Max((1 - (rate * Math.Exp(Math.Min(logRatio, LargestLogRatio)))) / (1 - rate), Data.Options.NftEpsilon);
}
