using Rebound.Study.Results;

namespace Rebound.Study.Reading;

/// <summary>Names tasks so that those of one name have the same questions in every run.</summary>
internal static class TaskNames
{
    public static IReadOnlyList<MeasuredRun> Apart(IReadOnlyList<MeasuredRun> runs)
    {
        var sets = runs.SelectMany(run => run.Tasks).GroupBy(task => task.Task).ToDictionary(
            task => task.Key, task => task.Select(KeyOf).Distinct(StringComparer.Ordinal).ToArray());
        return
        [
            .. runs.Select(run => run with
            {
                Tasks = [.. run.Tasks.Select(task => task with { Task = NameOf(task, sets[task.Task]) })],
            }),
        ];
    }

    private static string NameOf(TaskScores task, string[] sets) => sets.Length == 1
        ? task.Task
        : $"{task.Task} ({task.Questions.Count} questions; set {Array.IndexOf(sets, KeyOf(task)) + 1})";

    private static string KeyOf(TaskScores task) => string.Join('\n', task.Questions);
}
