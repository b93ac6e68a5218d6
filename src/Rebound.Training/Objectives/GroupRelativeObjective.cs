using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// Group relative policy optimization, divided by tokens (Shao et al. 2024, arXiv 2402.03300): −min(R·A, clip(R, 1 − c, 1 + c)·A) with
/// R = π/π_old and the advantage A of the try among those at its question.
/// </summary>
internal sealed class GroupRelativeObjective(LearningSet data, Baseline baseline) : TokenObjective(data, baseline)
{
    protected override double Value(LearningDocument document, double before, double loss)
    {
        var (ratio, advantage) = (Ratio(before, loss), document.Advantage);
        return -Math.Min(ratio * advantage, Clipped(ratio) * advantage);
    }

    protected override double Slope(LearningDocument document, double before, double loss)
    {
        var (ratio, advantage) = (Ratio(before, loss), document.Advantage);
        return IsClipped(ratio, advantage) ? 0 : ratio * advantage;
    }

    protected override void Observe(LearningDocument document, double before, double loss, StepMetrics metrics)
    {
        var ratio = Ratio(before, loss);
        metrics.Add("clip_ratio", IsClipped(ratio, document.Advantage) ? 1 : 0);
        metrics.Add("approx_kl", -Math.Log(ratio));
    }

    private static double Ratio(double before, double loss) => Math.Exp(before - loss);

    private double Clipped(double ratio) => Math.Clamp(ratio, 1 - Data.Options.ClipRange, 1 + Data.Options.ClipRange);

    private bool IsClipped(double ratio, double advantage) => ratio * advantage > Clipped(ratio) * advantage;
}
