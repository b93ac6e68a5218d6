using Rebound.Agents.Evaluation;

namespace Rebound.Study.Statistics;

/// <summary>
/// The area under the ROC curve over the tries of all questions together (<see cref="RankedTries.AreaUnderCurve"/>), with an interval
/// over questions: the tries of a question stay together.
/// </summary>
public sealed class PooledArea
{
    private const int Resamples = 1000;

    /// <summary>[questions, questions] pairs of a right try at the one and a wrong try at the other in order, ties as halves.</summary>
    private readonly double[,] _ordered;
    private readonly double[] _right;
    private readonly double[] _wrong;

    /// <param name="questions">[questions][tries].</param>
    public PooledArea(IReadOnlyList<IReadOnlyList<RankedTry>> questions)
    {
        _right = [.. questions.Select(tries => (double)tries.Count(IsRight))];
        _wrong = [.. questions.Select((tries, question) => tries.Count - _right[question])];
        _ordered = new double[questions.Count, questions.Count];
        for (var one = 0; one < questions.Count; one++)
        {
            foreach (var right in questions[one].Where(IsRight))
            {
                for (var other = 0; other < questions.Count; other++)
                {
                    foreach (var wrong in questions[other])
                    {
                        _ordered[one, other] += IsRight(wrong) || right.Score < wrong.Score ? 0 : right.Score > wrong.Score ? 1 : 0.5;
                    }
                }
            }
        }
    }

    /// <summary>Null where there are no right tries, or no wrong ones.</summary>
    public double? Value => Of([.. Enumerable.Repeat(1, _right.Length)]);

    /// <summary>The interval of the mean over seeds; seeds and questions are both drawn again.</summary>
    /// <param name="seeds">Of the same questions; each with right and wrong tries.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Interval IntervalOf(IReadOnlyList<PooledArea> seeds)
    {
        if (seeds.Count == 0 || seeds.Any(seed => seed.Value is null))
        {
            throw new ArgumentException("An interval needs at least one seed, each with right and wrong tries.", nameof(seeds));
        }

        var drawn = new int[seeds[0]._right.Length];
        return BootstrapInterval.Of(Resamples, random =>
        {
            while (true)
            {
                Array.Clear(drawn);
                for (var i = 0; i < drawn.Length; i++)
                {
                    drawn[random.Next(drawn.Length)]++;
                }

                // A draw without any right try, or any wrong one, has no area.
                double?[] areas = [.. seeds.Select(_ => seeds[random.Next(seeds.Count)].Of(drawn))];
                if (areas.All(area => area is not null))
                {
                    return areas.Average(area => area!.Value);
                }
            }
        });
    }

    private double? Of(int[] weights)
    {
        var (right, wrong, ordered) = (0.0, 0.0, 0.0);
        for (var one = 0; one < weights.Length; one++)
        {
            (right, wrong) = (right + (weights[one] * _right[one]), wrong + (weights[one] * _wrong[one]));
            for (var other = 0; weights[one] > 0 && other < weights.Length; other++)
            {
                ordered += (double)weights[one] * weights[other] * _ordered[one, other];
            }
        }

        return right > 0 && wrong > 0 ? ordered / right / wrong : null;
    }

    private static bool IsRight(RankedTry item) => item.Right > 0;
}
