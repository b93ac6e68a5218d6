namespace Rebound.Study.Statistics;

/// <summary>A try at a question, scored by a verifier.</summary>
/// <param name="Right">1 where the answer was right, 0 elsewhere.</param>
/// <param name="Score">The verifier's; a higher one says that the try is more likely right.</param>
public readonly record struct RankedTry(double Right, double Score);

/// <summary>How well a verifier's scores tell right tries from wrong ones.</summary>
public static class RankedTries
{
    /// <summary>
    /// The area under the ROC curve: the chance that a right try has a higher score than a wrong one, ties counting half (Mann and
    /// Whitney 1947). Null without both kinds.
    /// </summary>
    public static double? AreaUnderCurve(IReadOnlyList<RankedTry> tries)
    {
        var right = tries.LongCount(IsRight);
        var wrong = tries.Count - right;
        if (right == 0 || wrong == 0)
        {
            return null;
        }

        var (below, twice) = (0L, 0L);
        foreach (var tied in tries.GroupBy(item => item.Score).OrderBy(tied => tied.Key))
        {
            var (rightHere, here) = (tied.LongCount(IsRight), tied.LongCount());
            twice += rightHere * ((2 * below) + here - rightHere);
            below += here - rightHere;
        }

        return twice / 2.0 / right / wrong;
    }

    /// <summary>
    /// The expected accuracy where the verifier chooses among k tries, over all choices of k of the tries; of tries with the same
    /// score it takes any.
    /// </summary>
    /// <param name="k">From 1 to the number of tries.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer tries than k.</exception>
    public static double BestOf(int k, IReadOnlyList<RankedTry> tries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, tries.Count);
        var (expected, upTo) = (0.0, 0);
        foreach (var tied in tries.GroupBy(item => item.Score).OrderBy(tied => tied.Key))
        {
            var before = ShareWithin(upTo, tries.Count, k);
            upTo += tied.Count();
            expected += (ShareWithin(upTo, tries.Count, k) - before) * tied.Average(item => item.Right);
        }

        return expected;
    }

    /// <summary>The share of all choices of k tries that are among the first ones: C(first, k) / C(all, k).</summary>
    private static double ShareWithin(int first, int all, int k)
    {
        var share = 1.0;
        for (var i = 0; i < k; i++)
        {
            share *= Math.Max(0, first - i) / (double)(all - i);
        }

        return share;
    }

    private static bool IsRight(RankedTry item) => item.Right > 0;
}
