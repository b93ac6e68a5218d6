using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Objectives;

/// <summary>
/// Kahneman-Tversky optimization (Ethayarajh et al. 2024, arXiv 2402.01306): w·(1 − σ(r − βK)) for successes, w·(1 − σ(βK − r)) for
/// failures, where K is how far the model is from its reference on prompts with other questions' answers, and has no gradient.
/// </summary>
internal sealed class ProspectObjective(LearningSet data, Baseline baseline) : OutcomeObjective(data, baseline)
{
    private const int FewestMeasured = 4;

    private readonly Baseline _baseline = baseline;
    private double _divergence;

    protected override double Anchor => Data.Options.Beta * _divergence;

    public override void Begin(
        IReadOnlyList<LearningUnit> units, Func<IReadOnlyList<TokenizedDocument>, IReadOnlyList<float[]>> read, StepMetrics metrics)
    {
        var share = (int)Math.Ceiling(Data.Options.DivergenceShare * units.Count);
        var measured = units.Select(unit => unit.Documents[0]).Where(index => Data.Documents[index].Mismatched is not null)
            .OrderBy(Place).Take(Math.Max(share, FewestMeasured)).ToArray();
        var losses = read([.. measured.Select(index => Data.Documents[index].Mismatched!)]);
        var sum = measured.Zip(losses).Sum(pair => DocumentLosses.Sum(_baseline.Mismatched[pair.First]) - DocumentLosses.Sum(pair.Second));
        _divergence = Math.Max(0, sum / Math.Max(1, measured.Length));
        metrics.Add("kl", _divergence);
    }

    protected override double Scale(bool failed) => failed ? Data.Options.UndesirableWeight : Data.Options.DesirableWeight;

    /// <summary>A place among others that says nothing of a document, and does not depend on how a step is cut into batches.</summary>
    private static uint Place(int document) => unchecked((uint)document * 2_654_435_761);
}
