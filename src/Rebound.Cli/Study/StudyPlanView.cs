using Rebound.Cli.Terminal;
using Rebound.Study.Grids;
using Spectre.Console;

namespace Rebound.Cli.Study;

/// <summary>Shows what a study is going to do.</summary>
internal static class StudyPlanView
{
    public static void Show(GridPlan plan, GridProgress progress, string device, CommandTerminal terminal)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("method").AddColumn("model")
            .AddColumn(new TableColumn("successes").RightAligned()).AddColumn(new TableColumn("failures").RightAligned())
            .AddColumn(new TableColumn("seeds").RightAligned());
        foreach (var arm in plan.Points.GroupBy(point => point.Arm))
        {
            table.AddRow(
                Markup.Escape(arm.Key.Method),
                Markup.Escape(arm.Key.Model.Length > 0 ? arm.Key.Model : Path.GetFileName(arm.First().Cell.Model)),
                arm.Key.Successes is { } successes ? $"{successes:N0}" : "all", $"{arm.Key.Failures:N0}", $"{arm.Count():N0}");
        }

        terminal.Write(table);
        var tasks = string.Join(", ", plan.Tasks.Select(task =>
            $"{task.Name} ({CountText.Of(task.Questions.Count, "question")}{(task.IsOutOfDistribution ? ", out of distribution" : "")})"));
        terminal.Say($"{CountText.Of(progress.All, "training")}, {progress.Done:N0} done, on {device}. Each is examined on {tasks}.");
        terminal.Note("Nothing was run; the same command without --plan begins.");
    }
}
