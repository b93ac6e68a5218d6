using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Evaluation;

/// <summary>How many questions are kept out of training.</summary>
/// <param name="Amount">From 1 on a number of questions, below it a share of them.</param>
public readonly record struct HeldOutAmount(double Amount)
{
    /// <summary>Questions of so many, rounded to the nearest, at least one.</summary>
    public int Of(int questions) => Amount < 1 ? Math.Max(1, (int)Math.Round(questions * Amount)) : (int)Amount;
}

/// <summary>
/// Documents divided by question: all trajectories of a question are on the same side, or the held-out loss would be one
/// of questions that were trained on. Questions are drawn by a seed, separately from those with successes only, with
/// failures only and with both, so that the outcomes have nearly the same shares on both sides.
/// </summary>
public sealed record HeldOutSplit(
    IReadOnlyList<TokenizedDocument> Training, IReadOnlyList<TokenizedDocument> HeldOut, int HeldOutQuestions)
{
    /// <exception cref="ArgumentException">Nothing would be left to train on.</exception>
    public static HeldOutSplit Of(IReadOnlyList<TokenizedDocument> documents, HeldOutAmount amount, long seed)
    {
        var strata = documents.GroupBy(document => document.Id)
            .GroupBy(question => string.Join('+', question.Select(document => document.Outcome).Distinct().Order(StringComparer.Ordinal)))
            .OrderBy(stratum => stratum.Key, StringComparer.Ordinal)
            .Select(stratum => stratum.Select(question => question.Key).ToArray())
            .ToArray();
        var questions = strata.Sum(stratum => stratum.Length);
        var count = amount.Of(questions);
        if (count >= questions)
        {
            throw new ArgumentException(
                $"{count} questions are to be held out, and there are only {questions}: nothing would be left to train on.", nameof(amount));
        }

        var random = new PythonRandom(seed);
        var heldOut = strata.Zip(Shares([.. strata.Select(stratum => stratum.Length)], count))
            .SelectMany(stratum => random.Sample(stratum.First.Length, stratum.Second).Select(place => stratum.First[place]))
            .ToHashSet();
        var sides = documents.ToLookup(document => heldOut.Contains(document.Id));
        return new HeldOutSplit([.. sides[false]], [.. sides[true]], heldOut.Count);
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
