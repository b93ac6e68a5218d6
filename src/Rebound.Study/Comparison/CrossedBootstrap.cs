using Rebound.Agents.Evaluation;

namespace Rebound.Study.Comparison;

/// <summary>
/// The percentile interval of a mean over seeds and questions, where every seed met every question: both are drawn again (Owen
/// 2007, "The pigeonhole bootstrap"). A few seeds tell little about all seeds, and the interval is as wide as that.
/// </summary>
public static class CrossedBootstrap
{
    private const int Resamples = 4000;

    /// <param name="values">[seeds][questions]; at least one of each, and as many questions for every seed.</param>
    public static Interval OfMean(IReadOnlyList<IReadOnlyList<double>> values)
    {
        if (values.Count == 0 || values[0].Count == 0 || values.Any(seed => seed.Count != values[0].Count))
        {
            throw new ArgumentException(
                "An interval needs at least one seed, and the same questions, at least one, for each.", nameof(values));
        }

        var questions = values[0].Count;
        var drawn = new int[questions];
        return BootstrapInterval.Of(Resamples, random =>
        {
            for (var question = 0; question < questions; question++)
            {
                drawn[question] = random.Next(questions);
            }

            var sum = 0.0;
            for (var seed = 0; seed < values.Count; seed++)
            {
                var row = values[random.Next(values.Count)];
                foreach (var question in drawn)
                {
                    sum += row[question];
                }
            }

            return sum / questions / values.Count;
        });
    }
}
