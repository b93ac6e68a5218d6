using Rebound.Agents.Evaluation;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>The difference in accuracy between two methods on the same questions with the same seeds.</summary>
/// <param name="Negatives">Failures that the better-informed of both learned from.</param>
/// <param name="Seeds">The difference of accuracy with every seed.</param>
/// <param name="Interval">Of the mean difference, over seeds and questions.</param>
public sealed record MethodGap(TrainingMethod Method, TrainingMethod Other, int Negatives, IReadOnlyList<double> Seeds, Interval Interval)
{
    public double Mean => Seeds.Average();

    /// <summary>NAT to NUT, NUT to vanilla and NAT to vanilla, with all failures.</summary>
    public static IReadOnlyList<MethodGap> Of(IReadOnlyList<StudentResult> results)
    {
        var most = results.Max(result => result.Run.Negatives);
        return
        [
            Between(TrainingMethod.Nat, TrainingMethod.Nut),
            Between(TrainingMethod.Nut, TrainingMethod.Vanilla),
            Between(TrainingMethod.Nat, TrainingMethod.Vanilla),
        ];

        MethodGap Between(TrainingMethod method, TrainingMethod other)
        {
            var (seeds, interval) = PairedRuns.Differences(results, Students(method), Students(other));
            return new MethodGap(method, other, most, seeds, interval);
        }

        (TrainingMethod Method, int Negatives) Students(TrainingMethod method) => (method, method == TrainingMethod.Vanilla ? 0 : most);
    }
}
