using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Agents;

/// <summary>Scores predictions that were recorded before: rows with <c>gt</c> and <c>pred</c> come out with <c>info</c>.</summary>
internal static class RecordedPredictions
{
    /// <param name="given">The task; null for each row's own.</param>
    public static void Score(CommandContext context, string input, string? output, string? given)
    {
        var scorers = new Dictionary<string, IScorer>(StringComparer.Ordinal);
        if (given is not null)
        {
            scorers[given] = TaskRegistry.Open(given).Scorer;
        }

        RowMapping.Run(context, "Scoring", input, output, row =>
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
    }
}
