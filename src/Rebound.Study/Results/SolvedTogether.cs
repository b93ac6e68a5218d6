using Rebound.Study.Statistics;

namespace Rebound.Study.Results;

/// <summary>Which questions of a task the methods of a setting solve, each with the most failures that it learned from.</summary>
/// <param name="Arms">[methods].</param>
/// <param name="Questions">Ids.</param>
/// <param name="Solved">[methods].</param>
internal sealed record SolvedTogether(
    string Task, IReadOnlyList<Arm> Arms, IReadOnlyList<string> Questions, IReadOnlyList<SolvedQuestions> Solved)
{
    /// <summary>Of every task and setting with several methods.</summary>
    public static IReadOnlyList<SolvedTogether> Of(IReadOnlyList<MeasuredRun> runs) =>
    [
        .. from task in runs.SelectMany(run => run.Tasks).Select(task => task.Task).Distinct()
           from setting in Scored(runs, task).GroupBy(run => (run.Arm.Model, run.Arm.Successes))
           let arms = setting.Select(run => run.Arm).Distinct().GroupBy(arm => arm.Method)
               .Select(method => method.MaxBy(arm => arm.Failures ?? 0)!).ToArray()
           where arms.Length > 1
           select new SolvedTogether(
               task, arms, setting.First().Scores.Questions,
               SolvedQuestions.Of(
               [
                   .. arms.Select(arm => (IReadOnlyList<IReadOnlyList<double>>)[
                       .. setting.Where(run => run.Arm == arm).Select(run => run.Scores.Metrics[TaskScores.Accuracy])]),
               ])),
    ];

    private static IEnumerable<(Arm Arm, TaskScores Scores)> Scored(IEnumerable<MeasuredRun> runs, string task) =>
        from run in runs
        from scores in run.Tasks.Where(scores => scores.Task == task).Take(1)
        select (run.Arm, scores);
}
