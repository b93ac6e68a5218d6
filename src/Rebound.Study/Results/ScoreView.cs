namespace Rebound.Study.Results;

/// <summary>The scores of all runs in one metric on one task, or in the mean over several.</summary>
/// <param name="Name">The task's name, or words for the mean.</param>
/// <param name="Tasks">One, or those of the mean.</param>
public sealed record ScoreView(string Name, string Metric, bool IsOutOfDistribution, IReadOnlyList<string> Tasks, ScoreTable Table)
{
    /// <summary>
    /// Every metric on every task and, where there are several, in their mean, which comes first; tasks like those that were learned
    /// from and others apart.
    /// </summary>
    public static IReadOnlyList<ScoreView> Of(IReadOnlyList<MeasuredRun> runs)
    {
        var tasks = runs.SelectMany(run => run.Tasks).DistinctBy(task => task.Task).ToArray();
        return
        [
            .. from isOutside in (bool[])[false, true]
               from metric in tasks.SelectMany(task => task.Metrics.Keys).Distinct()
               let names = tasks.Where(task => task.IsOutOfDistribution == isOutside && task.Metrics.ContainsKey(metric))
                   .Select(task => task.Task).ToArray()
               from view in Views(runs, names, metric, isOutside)
               where view.Table.Scores.Count > 0
               select view,
        ];
    }

    private static IEnumerable<ScoreView> Views(IReadOnlyList<MeasuredRun> runs, string[] names, string metric, bool isOutside)
    {
        if (names.Length > 1)
        {
            yield return new ScoreView(
                $"mean of {names.Length} tasks{(isOutside ? ", out of distribution" : "")}", metric, isOutside, names,
                new ScoreTable(runs, names, metric));
        }

        foreach (var name in names)
        {
            yield return new ScoreView(name, metric, isOutside, [name], new ScoreTable(runs, [name], metric));
        }
    }
}
