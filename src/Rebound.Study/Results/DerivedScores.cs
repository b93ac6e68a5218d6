using Rebound.Study.Statistics;

namespace Rebound.Study.Results;

/// <summary>Likelihoods and several tries, question by question, as scores that tables and intervals take like others.</summary>
internal static class DerivedScores
{
    /// <summary>The name of the task that likelihoods are.</summary>
    public const string Likelihoods = "likelihoods";

    /// <summary>log p of the success under the positive condition, less that under the negative one, in nats.</summary>
    public const string Gap = "gap";

    /// <summary>The same of the failure.</summary>
    public const string FailureGap = "gap of failures";

    /// <summary>The one less the other.</summary>
    public const string Contrast = "contrast";

    public static string PassAt(int k) => $"pass@{k}";

    public static string BestOf(int k) => $"best of {k}";

    /// <summary>The runs with their likelihoods, and with nothing else.</summary>
    public static IReadOnlyList<MeasuredRun> OfLikelihoods(IEnumerable<MeasuredRun> runs) =>
    [
        .. runs.Where(run => run.Likelihoods.Count > 0).Select(run => run with
        {
            Tasks =
            [
                new TaskScores(
                    Likelihoods,
                    [.. run.Likelihoods.Select(pair => pair.Question)],
                    new Dictionary<string, IReadOnlyList<double>>
                    {
                        [Gap] = [.. run.Likelihoods.Select(pair => pair.Gap)],
                        [FailureGap] = [.. run.Likelihoods.Select(pair => pair.Failure.Gap)],
                        [Contrast] = [.. run.Likelihoods.Select(pair => pair.Contrast)],
                    }),
            ],
        }),
    ];

    /// <summary>The runs with pass@k and best of k on a task, and with nothing else.</summary>
    public static IReadOnlyList<MeasuredRun> OfTries(IEnumerable<MeasuredRun> runs, string task) =>
    [
        .. from run in runs
           let scores = run.Tasks.FirstOrDefault(scores => scores.Task == task && scores.Tries.Count > 0)
           where scores is not null
           select run with { Tasks = [new TaskScores(task, [.. scores.Tries.Select(tried => tried.Question)], Metrics(scores.Tries))] },
    ];

    /// <summary>The numbers of tries for which these are told: 1, 2, 4 and so on, as far as every question was tried.</summary>
    public static IReadOnlyList<int> Counts(IEnumerable<MeasuredRun> runs, string task)
    {
        var most = runs.SelectMany(run => run.Tasks.Where(scores => scores.Task == task).SelectMany(scores => scores.Tries))
            .Select(tried => tried.Right.Count).DefaultIfEmpty().Min();
        return [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(k => k <= most)];
    }

    private static Dictionary<string, IReadOnlyList<double>> Metrics(IReadOnlyList<TriedQuestion> tries)
    {
        var metrics = new Dictionary<string, IReadOnlyList<double>>();
        var most = tries.Min(tried => tried.Right.Count);
        var isJudged = tries.All(tried => tried.Scores is not null);
        for (var k = 1; k <= most; k *= 2)
        {
            metrics[PassAt(k)] = [.. tries.Select(tried => PassAtK.Of(tried.Right.Count, tried.Right.Count(right => right > 0), k))];
            if (isJudged)
            {
                metrics[BestOf(k)] = [.. tries.Select(tried => RankedTries.BestOf(k, tried.Ranked()))];
            }
        }

        return metrics;
    }
}
