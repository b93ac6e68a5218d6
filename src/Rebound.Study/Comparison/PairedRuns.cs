using Rebound.Agents.Evaluation;
using Rebound.Study.Statistics;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>Two kinds of students beside each other, on the same questions with the same seeds.</summary>
internal static class PairedRuns
{
    /// <summary>How much better the first kind is, with every seed and over all.</summary>
    public static (IReadOnlyList<double> Seeds, Interval Interval) Differences(
        IReadOnlyList<StudentResult> results, (TrainingMethod Method, int Negatives) better, (TrainingMethod Method, int Negatives) other)
    {
        var pairs = Of(better).Zip(Of(other)).ToArray();
        return (
            [.. pairs.Select(pair => pair.First.Accuracy - pair.Second.Accuracy)],
            CrossedBootstrap.OfMean([.. pairs.Select(pair => pair.First.Right.Zip(pair.Second.Right, (one, two) => one - two).ToArray())]));

        IEnumerable<StudentResult> Of((TrainingMethod Method, int Negatives) kind) => results
            .Where(result => (result.Run.Method, result.Run.Negatives) == kind)
            .OrderBy(result => result.Run.Seed);
    }
}
