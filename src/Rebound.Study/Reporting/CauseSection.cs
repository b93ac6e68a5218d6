using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>Why episodes failed.</summary>
internal static class CauseSection
{
    public static string Of(IReadOnlyList<MeasuredRun> runs, ArmText arms)
    {
        var tasks = runs.SelectMany(run => run.Tasks, (run, task) => (run.Arm, Task: task)).ToArray();
        string[] causes = [.. tasks.SelectMany(entry => entry.Task.Causes).GroupBy(cause => cause.Key, cause => cause.Value)
            .OrderByDescending(cause => cause.Sum()).Select(cause => cause.Key)];
        if (causes.Length == 0)
        {
            return "";
        }

        var table = new HtmlTable([.. arms.Heads, .. causes.Select(cause => $"{HtmlText.Escape(cause)}, %")]);
        foreach (var arm in tasks.GroupBy(entry => entry.Arm, entry => entry.Task))
        {
            var episodes = arm.Sum(task => task.Questions.Count);
            table.Add(
            [
                .. arms.Cells(arm.Key),
                .. causes.Select(cause => HtmlText.Percent((double)arm.Sum(task => task.Causes.GetValueOrDefault(cause)) / episodes)),
            ]);
        }

        return $"<h2>Why episodes failed</h2>{table.ToHtml()}<p>In % of all episodes of all tasks and seeds.</p>";
    }
}
