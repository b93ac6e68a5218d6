using System.Text.Json.Nodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Cli.Agents;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Evaluate;

/// <summary>Scores predictions that were recorded before: rows with <c>gt</c> and <c>pred</c> come out with <c>info</c>.</summary>
internal static class RecordedPredictions
{
    /// <param name="agent">Names the task, or else each row its own, and perhaps the judge.</param>
    public static void Score(CommandContext context, string input, string? output, AgentOptions agent)
    {
        var given = context.Get(agent.Task);
        var judges = new Dictionary<string, IJudge>(StringComparer.Ordinal);
        if (given is not null)
        {
            judges[given] = Judge(given);
        }

        RowMapping.Run(context, "Scoring", input, output, row =>
        {
            var task = given ?? row.Text("task");
            if (!judges.TryGetValue(task, out var judge))
            {
                judges[task] = judge = Judge(task);
            }

            if (!row.Content.ContainsKey("gt"))
            {
                throw row.Wrong("gt", "is missing.");
            }

            _ = row.Has("pred") ? row.Text("pred") : null;
            var question = new TaskQuestion(
                row.Content["id"] ?? JsonValue.Create(row.Line), row.Content["question"]?.ToString() ?? "", row.Content["gt"]);
            row.Content["info"] = Rescoring.InfoAsync(judge, question, row.Content["pred"], context.Interrupted).GetAwaiter().GetResult();
        });

        IJudge Judge(string name) => TaskJudge.With(agent, context, TaskRegistry.Open(name)).Judge;
    }
}
