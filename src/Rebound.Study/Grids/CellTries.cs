using Rebound.Agents.Collection;
using Rebound.Agents.Runs;
using Rebound.Study.Likelihood;
using Rebound.Study.Results;
using Rebound.Study.Workbench;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Formats;

namespace Rebound.Study.Grids;

/// <summary>Several tries of a model at each of some questions, and its own verdicts on them.</summary>
internal sealed class CellTries(string path, GridTask task, CellProgress progress)
{
    /// <summary>Makes the tries that are not there yet.</summary>
    public async Task CollectAsync(AgentModel model, AgentSetup setup, CancellationToken cancellation)
    {
        var options = new CollectionOptions
        {
            OutputFolder = path,
            Temperatures = [task.Tries!.Temperature],
            Samples = task.Tries.Samples,
            Concurrency = task.Concurrency,
            Seed = task.Seed,
        };
        await AgentTrials.CollectAsync(
            model, setup, task.Tools, options, new EpisodesProgress(progress, $"{task.Name}, tries"), cancellation);
    }

    /// <summary>Reads the tries, and asks the model what it thinks of them.</summary>
    /// <param name="likelihood">Null for a model that cannot be asked.</param>
    /// <returns>[questions].</returns>
    public async Task<IReadOnlyList<TriedQuestion>> JudgeAsync(AnswerLikelihood? likelihood, CancellationToken cancellation)
    {
        progress.Report($"{task.Name}, verdicts", 0);
        var tries = await ReadAsync(cancellation);
        var questions = task.Questions.Take(task.Tries!.Questions).Select(question => (question.IdText, question.Question)).ToArray();
        AskedTrajectory[] asked =
            [.. questions.SelectMany(question => tries[question.IdText].Select(row => new AskedTrajectory(question.Question, row)))];
        var verdicts = new Queue<double>(likelihood?.Verdicts(asked, cancellation) ?? []);
        return
        [
            .. questions.Select(question => new TriedQuestion(
                question.IdText, task.Tries.Temperature, [.. tries[question.IdText].Select(row => row.Outcome.Success == true ? 1.0 : 0)],
                likelihood is null ? null : [.. tries[question.IdText].Select(_ => verdicts.Dequeue())])),
        ];
    }

    private async Task<ILookup<string, Trajectory>> ReadAsync(CancellationToken cancellation)
    {
        // The last row of a try counts: one that had no answer from the model was made again.
        var rows = new SortedDictionary<(int Sample, string Id), Trajectory>();
        await foreach (var row in TrajectoryFile.ReadAsync(Path.Combine(path, CollectionFolder.EpisodesName), cancellation: cancellation))
        {
            rows[(row.Members["sample"].GetInt32(), row.Id)] = row;
        }

        return rows.Values.ToLookup(row => row.Id);
    }
}
