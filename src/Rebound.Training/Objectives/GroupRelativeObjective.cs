using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// Group relative policy optimization, divided by tokens (Shao et al. 2024, arXiv 2402.03300): −min(R·A, clip(R, 1 − c, 1 + c)·A) with
/// R = π/π_old and the advantage A of the try among those at its question.
/// </summary>
internal sealed class GroupRelativeObjective(LearningSet data, Baseline baseline) : TokenObjective(data)
{
    protected override double Value(int document, int token, double loss)
    {
        var (ratio, advantage) = (Ratio(document, token, loss), Data.Documents[document].Advantage);
        return -Math.Min(ratio * advantage, Clipped(ratio) * advantage);
    }

    protected override double Slope(int document, int token, double loss)
    {
        var (ratio, advantage) = (Ratio(document, token, loss), Data.Documents[document].Advantage);
        return IsClipped(ratio, advantage) ? 0 : ratio * advantage;
    }

    protected override void Observe(int document, int token, double loss, StepMetrics metrics)
    {
        var ratio = Ratio(document, token, loss);
        metrics.Add("clip_ratio", IsClipped(ratio, Data.Documents[document].Advantage) ? 1 : 0);
        metrics.Add("approx_kl", -Math.Log(ratio));
    }

    private double Ratio(int document, int token, double loss) => Math.Exp(baseline.Documents[document][token] - loss);

    private double Clipped(double ratio) => Math.Clamp(ratio, 1 - Data.Options.ClipRange, 1 + Data.Options.ClipRange);

    private bool IsClipped(double ratio, double advantage) => ratio * advantage > Clipped(ratio) * advantage;
}
