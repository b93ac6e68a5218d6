using Rebound.Agents.Evaluation;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>
/// The effect of more failures on a method: its accuracy with one number of failures beside that with the next smaller one.
/// </summary>
/// <param name="Fewer">0 for none, which is the training of vanilla.</param>
/// <param name="Seeds">The change of accuracy with every seed.</param>
/// <param name="Interval">Of the mean change, over seeds and questions.</param>
public sealed record FailureStep(TrainingMethod Method, int Fewer, int More, IReadOnlyList<double> Seeds, Interval Interval)
{
    public double Mean => Seeds.Average();

    /// <summary>The steps of every method that learns from failures, each from none to all.</summary>
    public static IReadOnlyList<FailureStep> Of(IReadOnlyList<StudentResult> results)
    {
        return [.. Steps(TrainingMethod.Nut), .. Steps(TrainingMethod.Nat)];

        IEnumerable<FailureStep> Steps(TrainingMethod method)
        {
            var fewer = (Method: TrainingMethod.Vanilla, Negatives: 0);
            foreach (var count in results.Where(result =>
                result.Run.Method == method).Select(result => result.Run.Negatives).Distinct().Order())
            {
                var more = (method, count);
                var (seeds, interval) = PairedRuns.Differences(results, more, fewer);
                yield return new FailureStep(method, fewer.Negatives, count, seeds, interval);
                fewer = more;
            }
        }
    }
}
