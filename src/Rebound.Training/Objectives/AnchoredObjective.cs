using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// Anchored preference optimization without pairs (D'Oosterlinck et al. 2024, arXiv 2408.06266): 1 − σ(r) for successes, σ(r) for failures.
/// </summary>
internal sealed class AnchoredObjective(LearningSet data, Baseline baseline) : OutcomeObjective(data, baseline)
{
    protected override double Anchor => 0;

    protected override double Scale(bool failed) => 1;
}
