using System.CommandLine;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Commands;

/// <summary><c>rebound evaluate</c>: how well answers fit their questions.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string?> Rescore = new("--rescore")
    {
        Description = "Score recorded predictions: rows with 'gt' and 'pred'; - is standard input",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string?> Task = new("--task", "--task-name")
    {
        Description = "The task, by name or YAML file (default each row's own 'task')",
        HelpName = "NAME",
    };

    public static CliCommand Create() => new("evaluate", "Score an agent's answers", Run)
    {
        Options = { Rescore, Task, SharedOptions.OutputRows },
        Details = $"Tasks: {string.Join(", ", BuiltInTasks.All.Select(task => task.Name))}, or a YAML file of your own. Rows of --rescore hold "
            + "'gt', the right answer as the data has it, and 'pred', what the agent finished with; they are written with 'info'.",
        Examples = ["rebound evaluate --rescore predictions.jsonl --task gsm8k --output scored.jsonl"],
    };

    private static int Run(CommandContext context)
    {
        var scorers = new Dictionary<string, IScorer>(StringComparer.Ordinal);
        var given = context.Get(Task);
        if (given is not null)
        {
            scorers[given] = TaskRegistry.Open(given).Scorer;
        }

        RowMapping.Run(context, "Scoring", context.Get(Rescore)!, context.Get(SharedOptions.OutputRows), row =>
        {
            var task = given ?? row.Text("task");
            if (!scorers.TryGetValue(task, out var scorer))
            {
                scorers[task] = scorer = TaskRegistry.Open(task).Scorer;
            }

            if (!row.Content.ContainsKey("gt"))
            {
                throw row.Wrong("gt", "is missing.");
            }

            _ = row.Has("pred") ? row.Text("pred") : null;
            row.Content["info"] = Rescoring.Info(scorer, row.Content["gt"], row.Content["pred"]);
        });
        return ExitCode.Done;
    }
}
