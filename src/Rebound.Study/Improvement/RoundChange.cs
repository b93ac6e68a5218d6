using Rebound.Agents.Evaluation;

namespace Rebound.Study.Improvement;

/// <summary>The answers of two rounds' models to the same held-out questions.</summary>
/// <param name="Difference">In accuracy.</param>
/// <param name="Interval">The paired bootstrap's over questions.</param>
/// <param name="Gained">Questions, by their places, that the later model alone gets right.</param>
/// <param name="Lost">Those that the earlier one alone does.</param>
public sealed record RoundChange(
    int Round, int Before, double Difference, Interval Interval, IReadOnlyList<int> Gained, IReadOnlyList<int> Lost)
{
    public static RoundChange Between(RoundRecord after, RoundRecord before)
    {
        var differences = after.HeldOut.Right.Zip(before.HeldOut.Right, (one, two) => one - two).ToArray();
        return new RoundChange(
            after.Round, before.Round, differences.Average(), BootstrapInterval.OfMean(differences),
            Places(difference => difference > 0), Places(difference => difference < 0));

        int[] Places(Func<double, bool> holds) =>
            [.. differences.Index().Where(difference => holds(difference.Item)).Select(difference => difference.Index)];
    }
}
