using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Agents.Episodes;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Improvement;

/// <summary>
/// Chooses what a round learns of its own tries and those of rounds before: each once, however often it was made, and none in which
/// nothing was said. The same rounds give the same files, whichever of their episodes ended first.
/// </summary>
/// <param name="rounds">The oldest first, the one that learns last.</param>
internal sealed class RoundTrajectories(IReadOnlyList<RoundFolder> rounds, ImprovementOptions options)
{
    /// <summary>Writes the trajectories with their questions and their prompt, as <c>rebound train</c> takes them.</summary>
    /// <exception cref="DataException">A round's trajectories cannot be read.</exception>
    public async Task<LearnedTrajectories> WriteAsync(
        IEnumerable<TaskQuestion> questions, PromptTemplate prompt, CancellationToken cancellation)
    {
        var round = rounds[^1];
        Directory.CreateDirectory(round.TrainingPath);
        var (successes, leftOut) = await ChooseAsync("positive.json", options.Successes, cancellation);
        var (failures, failuresLeftOut) = options.Training.Data.Method?.LearnsFailures() == false
            ? ([], 0)
            : await ChooseAsync("negative.json", options.Failures, cancellation);
        WholeFile.WriteJson(round.SuccessesPath, successes);
        WholeFile.WriteJson(round.FailuresPath, failures);
        WholeFile.WriteText(round.QuestionsPath, string.Concat(questions.Select(Line)));
        WholeFile.WriteJson(round.PromptPath, PromptConfiguration.ToJson(prompt));
        return new LearnedTrajectories(successes.Count, failures.Count, leftOut + failuresLeftOut);
    }

    private async Task<(JsonArray Rows, int LeftOut)> ChooseAsync(string file, RoundScope scope, CancellationToken cancellation)
    {
        var cleaner = new Cleaner(new CleaningOptions
        {
            Duplicates = options.Duplicates,
            Causes = [FailureCause.ModelError.Name()],
        });
        var (rows, leftOut) = (new JsonArray(), 0);
        foreach (var round in scope == RoundScope.All ? rounds : [rounds[^1]])
        {
            var path = Path.Combine(round.TrajectoriesPath, file);
            await foreach (var row in TrajectoryFile.ReadRowsAsync(path, TrajectoryFormat.NatInstruct, cancellation: cancellation))
            {
                if (cleaner.ReasonToDrop(row.Trajectory) is null)
                {
                    rows.Add(StrictJson.Node(row.Json));
                }
                else
                {
                    leftOut++;
                }
            }
        }

        return (rows, leftOut);
    }

    private static string Line(TaskQuestion question) => new JsonObject
    {
        ["id"] = question.Id.DeepClone(),
        ["question"] = question.Question,
        ["answer"] = question.GroundTruth?.DeepClone(),
    }.ToJsonString(JsonOutput.OneLine) + "\n";
}
