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
internal sealed class CellTries(string path, GridTask task, IGridObserver observer)
{
    /// <summary>Makes the tries that are not there yet.</summary>
    /// <returns>[questions], without verdicts.</returns>
    public async Task<IReadOnlyList<TriedQuestion>> CollectAsync(AgentModel model, AgentSetup setup, CancellationToken cancellation)
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
            model, setup, task.Tools, options, new EpisodesProgress(observer, $"{task.Name}, tries"), cancellation);
        var tries = await ReadAsync(cancellation);
        return
        [
            .. setup.Questions.Select(question => new TriedQuestion(
                question.IdText, task.Tries.Temperature, [.. tries[question.IdText].Select(item => item.Outcome.Success == true ? 1.0 : 0)],
                Scores: null)),
        ];
    }

    /// <summary>Asks the model what it thinks of its tries.</summary>
    public async Task<IReadOnlyList<TriedQuestion>> JudgeAsync(
        IReadOnlyList<TriedQuestion> questions, AnswerLikelihood likelihood, CancellationToken cancellation)
    {
        var tries = await ReadAsync(cancellation);
        var texts = task.Questions.ToDictionary(question => question.IdText, question => question.Question, StringComparer.Ordinal);
        var judged = new List<TriedQuestion>();
        foreach (var question in questions)
        {
            cancellation.ThrowIfCancellationRequested();
            observer.Progressed($"{task.Name}, verdicts", (double)judged.Count / questions.Count);
            judged.Add(question with
            {
                Scores = [.. tries[question.Question].Select(item => likelihood.Verdict(texts[question.Question], item))],
            });
        }

        return judged;
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
