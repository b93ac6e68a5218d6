namespace Rebound.Study.Statistics;

/// <summary>
/// The chance that at least one of k tries is right, from n tries of which c were (Chen et al. 2021, arXiv 2107.03374, equation 1):
/// 1 − C(n − c, k) / C(n, k), which is unbiased, as 1 − (1 − c/n)^k is not.
/// </summary>
public static class PassAtK
{
    /// <param name="tries">n.</param>
    /// <param name="right">c.</param>
    /// <param name="k">From 1 to n.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer tries than k, or fewer than were right.</exception>
    public static double Of(int tries, int right, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, tries);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, tries);
        var allWrong = 1.0;
        for (var i = tries - right + 1; i <= tries; i++)
        {
            allWrong *= i > k ? 1 - ((double)k / i) : 0;
        }

        return 1 - allWrong;
    }
}
