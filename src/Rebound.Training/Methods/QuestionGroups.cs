namespace Rebound.Training.Methods;

/// <summary>Tries by their question, as <c>nft</c> and <c>grpo</c> compare them.</summary>
/// <param name="Tries">Those of questions whose tries did not all end alike, in the data's order.</param>
/// <param name="Alike">The number of the others.</param>
internal sealed record QuestionGroups(IReadOnlyList<QuestionGroups.Graded> Tries, int Alike)
{
    /// <summary>The limits of a success rate (arXiv 2505.18116).</summary>
    private const double LeastRate = 0.02;

    /// <param name="Rate">The share of its question's tries that succeeded, within limits.</param>
    /// <param name="Advantage">Its reward less the mean of its question's, by their standard deviation.</param>
    public sealed record Graded(Try Try, double Rate, double Advantage);

    public static QuestionGroups Of(IReadOnlyList<Try> tries)
    {
        var groups = tries.GroupBy(attempt => attempt.Question).ToDictionary(group => group.Key, Grade);
        var graded = tries.Select(attempt => groups[attempt.Question].GetValueOrDefault(attempt)).OfType<Graded>().ToArray();
        return new QuestionGroups(graded, tries.Count - graded.Length);
    }

    /// <summary>A success rate within its limits.</summary>
    public static double Within(double rate) => Math.Clamp(rate, LeastRate, 1 - LeastRate);

    /// <summary>The tries at one question; none where all ended alike.</summary>
    private static Dictionary<Try, Graded> Grade(IEnumerable<Try> tries)
    {
        var group = tries.ToArray();
        var succeeded = group.Count(attempt => !attempt.Failed);
        if (succeeded == 0 || succeeded == group.Length)
        {
            return [];
        }

        var mean = group.Average(attempt => attempt.Reward);
        var deviation = Math.Sqrt(group.Sum(attempt => Math.Pow(attempt.Reward - mean, 2)) / (group.Length - 1));
        var rate = Within((double)succeeded / group.Length);
        return group.ToDictionary(attempt => attempt, attempt => new Graded(attempt, rate, (attempt.Reward - mean) / deviation));
    }
}
