using Rebound.Agents.Evaluation;
using Rebound.Study.Statistics;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>The accuracy of a method with one number of failures, over all seeds.</summary>
/// <param name="Seeds">Accuracy with every seed.</param>
/// <param name="Interval">Of the mean, over seeds and questions.</param>
public sealed record MethodScore(TrainingMethod Method, int Negatives, IReadOnlyList<double> Seeds, Interval Interval)
{
    public double Mean => Seeds.Average();

    /// <summary>The scores of a comparison, in the order in which runs are planned.</summary>
    public static IReadOnlyList<MethodScore> Of(IEnumerable<StudentResult> results) =>
    [
        .. results.GroupBy(result => (result.Run.Method, result.Run.Negatives)).OrderBy(group => group.Key).Select(group => new MethodScore(
            group.Key.Method,
            group.Key.Negatives,
            [.. group.Select(result => result.Accuracy)],
            CrossedBootstrap.OfMean([.. group.Select(result => result.Right)]))),
    ];
}
