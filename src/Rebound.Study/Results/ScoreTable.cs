using Rebound.Agents.Evaluation;
using Rebound.Study.Statistics;

namespace Rebound.Study.Results;

/// <summary>
/// The scores of runs in one metric, over one task or the mean of several, with intervals and paired differences of any two kinds of
/// run. Runs that were not examined on all these tasks are left out.
/// </summary>
public sealed class ScoreTable
{
    private readonly (MeasuredRun Run, double[][] Values)[] _runs;
    private readonly CrossedBootstrap? _bootstrap;

    /// <param name="tasks">Names of tasks; of each, every run has the same questions.</param>
    /// <exception cref="ArgumentException">Runs have other questions of a task.</exception>
    public ScoreTable(IEnumerable<MeasuredRun> runs, IReadOnlyList<string> tasks, string metric = TaskScores.Accuracy)
    {
        _runs = [.. runs.Select(run => (run, Values(run, tasks, metric))).Where(run => tasks.Count > 0 && run.Item2.Length == tasks.Count)];
        _bootstrap = _runs.Length > 0 ? new CrossedBootstrap([.. _runs.Select(run => run.Values)]) : null;
        Scores = [.. _runs.Select(run => run.Run.Arm).Distinct().Select(ScoreOf)];
    }

    /// <summary>The score of every kind of run, in the order of the runs.</summary>
    public IReadOnlyList<ArmScore> Scores { get; }

    /// <summary>The score of a kind of run; null where it has none.</summary>
    public ArmScore? Of(Arm arm) => Scores.FirstOrDefault(score => score.Arm == arm);

    /// <summary>How much better one kind of run is than another; null where they share no seed.</summary>
    public ArmGap? Between(Arm arm, Arm other)
    {
        var places = _runs.Index().ToLookup(run => run.Item.Run.Arm, run => (run.Item.Run.Seed, run.Index));
        (int, int)[] pairs =
        [
            .. places[arm].GroupBy(run => run.Seed).SelectMany(own =>
                own.Zip(places[other].Where(run => run.Seed == own.Key), (one, two) => (one.Index, two.Index))),
        ];
        return pairs.Length == 0 ? null : new ArmGap(
            arm, other, [.. pairs.Select(pair => Mean(pair.Item1) - Mean(pair.Item2))], _bootstrap!.OfDifference(pairs));
    }

    private static double[][] Values(MeasuredRun run, IReadOnlyList<string> tasks, string metric) =>
    [
        .. tasks.SelectMany(name => run.Tasks.Where(task => task.Task == name && task.Metrics.ContainsKey(metric)).Take(1))
            .Select(task => task.Metrics[metric].ToArray()),
    ];

    private ArmScore ScoreOf(Arm arm)
    {
        int[] places = [.. _runs.Index().Where(run => run.Item.Run.Arm == arm).Select(run => run.Index)];
        return new ArmScore(arm, [.. places.Select(Mean)], _bootstrap!.OfMean(places));
    }

    private double Mean(int run) => _runs[run].Values.Average(task => task.Average());
}
