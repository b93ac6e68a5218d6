using Rebound.Python;

namespace Rebound.Trajectories.Selection;

/// <summary>How many questions are held out.</summary>
/// <param name="Amount">From 1 on a number of questions, below it a share of them.</param>
public readonly record struct HeldOutAmount(double Amount)
{
    /// <summary>The number held out of a number of questions, rounded to the nearest, at least one.</summary>
    public int Of(int questions) => Amount < 1 ? Math.Max(1, (int)Math.Round(questions * Amount)) : (int)Amount;
}

/// <summary>
/// Divides questions, never the trajectories of one: what is measured on a question that was trained on says nothing.
/// Questions are drawn by a seed, separately from those with successes only, with failures only and with both, so that
/// the outcomes have nearly the same shares on both sides.
/// </summary>
public static class QuestionSplit
{
    /// <summary>The questions that are held out.</summary>
    /// <param name="trajectories">Question and outcome of every trajectory, in order.</param>
    /// <exception cref="ArgumentException">Nothing would be left on the other side.</exception>
    public static HashSet<string> HeldOut(IEnumerable<(string Question, string Outcome)> trajectories, HeldOutAmount amount, long seed)
    {
        var strata = trajectories.GroupBy(trajectory => trajectory.Question)
            .GroupBy(question =>
                string.Join('+', question.Select(trajectory => trajectory.Outcome).Distinct().Order(StringComparer.Ordinal)))
            .OrderBy(stratum => stratum.Key, StringComparer.Ordinal)
            .Select(stratum => stratum.Select(question => question.Key).ToArray())
            .ToArray();
        var questions = strata.Sum(stratum => stratum.Length);
        var count = amount.Of(questions);
        if (count >= questions)
        {
            throw new ArgumentException(
                $"{count} of the questions are to be held out, and there are only {questions}: nothing would be left to train on.",
                nameof(amount));
        }

        var random = new PythonRandom(seed);
        return strata.Zip(Shares([.. strata.Select(stratum => stratum.Length)], count))
            .SelectMany(stratum => random.Sample(stratum.First.Length, stratum.Second).Select(place => stratum.First[place]))
            .ToHashSet();
    }

    /// <summary>Divides a number in proportion to sizes, what is left over by largest remainder.</summary>
    private static int[] Shares(int[] sizes, int count)
    {
        var whole = sizes.Sum();
        var exact = sizes.Select(size => (double)size * count / whole).ToArray();
        var shares = exact.Select(share => (int)share).ToArray();
        var left = count - shares.Sum();
        foreach (var index in Enumerable.Range(0, sizes.Length).OrderByDescending(index => exact[index] - shares[index]).Take(left))
        {
            shares[index]++;
        }

        return shares;
    }
}
