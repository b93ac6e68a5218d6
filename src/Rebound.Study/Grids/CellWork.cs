using Rebound.Agents.Evaluation;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Study.Likelihood;
using Rebound.Study.Results;
using Rebound.Study.Workbench;
using Rebound.Training.Runs;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Grids;

/// <summary>A training with its examinations: what its folder holds is not made again.</summary>
internal sealed class CellWork(
    GridPlan plan, GridCell cell, CellFolder folder, ModelTrainer trainer, Backend backend, TimeProvider time, CellProgress progress)
{
    /// <summary>Trains and examines as far as that is left to do.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var tasks = plan.Tasks.Where(task => !File.Exists(folder.ScoresPath(GridFiles.NameOf(task)))).ToArray();
        var pairs = plan.HeldOut is { } heldOut && !File.Exists(folder.ScoresPath(heldOut.Name)) ? heldOut : null;
        if (tasks.Length == 0 && pairs is null && File.Exists(folder.CostsPath))
        {
            return;
        }

        Train(cancellation);
        using (var source = ModelSource.Open(folder.Run.Location))
        {
            LlamaModel? weights = null;
            try
            {
                LlamaModel Load() => weights ??= source.Load(backend);
                var reports = await ExamineAsync(tasks, source, Load, cancellation);

                // The agents' cache of keys and values is gone: there is room for whole trajectories.
                var likelihood = (pairs is not null || tasks.Any(task => task.Tries is not null))
                    && GridFiles.ConditionedPrompt(cell.Run.Data) is { } prompt
                    ? new AnswerLikelihood(Load(), ChatProfile.Of(source).Renderer, prompt)
                    : null;
                foreach (var (task, report, seconds) in reports)
                {
                    var tries = task.Tries is null ? [] : await Tries(task).JudgeAsync(likelihood, cancellation);
                    Write(task, report.Scores[0], seconds, tries);
                }

                if (pairs is not null)
                {
                    progress.Report("likelihoods", 0);
                    ResultFiles.Write(folder.ScoresPath(pairs.Name), Measure(pairs.Pairs, likelihood, cancellation));
                }
            }
            finally
            {
                weights?.Dispose();
            }
        }

        if (!plan.KeepsModels)
        {
            folder.DeleteWeights();
        }
    }

    private void Train(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var run = cell.Run with { OutputFolder = folder.Run.Location };
        var result = trainer.Train(run, () => StartingModel.Open(cell.Model, cell.Lora), new TrainingProgress(progress), cancellation);
        if (result is not null)
        {
            folder.DeleteUnfinished();
        }

        if (result is not null || !File.Exists(folder.CostsPath))
        {
            var steps = folder.Steps();
            var seconds = result is null ? steps.Sum(step => step.Seconds) : time.GetElapsedTime(began).TotalSeconds;
            folder.WriteCosts(new TrainingCosts(seconds, steps.Count, steps.Sum(step => step.Tokens)));
        }
    }

    /// <summary>Lets the model try the tasks, one after the other, with one cache for all.</summary>
    private async Task<IReadOnlyList<(GridTask Task, EvaluationReport Report, double Seconds)>> ExamineAsync(
        IReadOnlyList<GridTask> tasks, ModelSource source, Func<LlamaModel> load, CancellationToken cancellation)
    {
        using var model = new LocalAgentModel(source, load);
        var reports = new List<(GridTask, EvaluationReport, double)>();
        foreach (var task in tasks)
        {
            var began = time.GetTimestamp();
            var options = new EvaluationOptions
            {
                OutputFolder = folder.EpisodesPath(GridFiles.NameOf(task)),
                Temperature = task.Temperature,
                Seed = task.Seed,
                Concurrency = task.Concurrency,
            };
            var report = await AgentTrials.EvaluateAsync(
                model, Setup(task, task.Questions, model, keepsTokens: false), task.Tools, options,
                new EpisodesProgress(progress, task.Name), cancellation);
            if (task.Tries is not null)
            {
                await Tries(task).CollectAsync(
                    model, Setup(task, [.. task.Questions.Take(task.Tries.Questions)], model, keepsTokens: true), cancellation);
            }

            reports.Add((task, report, time.GetElapsedTime(began).TotalSeconds));
        }

        return reports;
    }

    private CellTries Tries(GridTask task) => new(folder.TriesPath(GridFiles.NameOf(task)), task, progress);

    private void Write(GridTask task, ConditionScores scores, double seconds, IReadOnlyList<TriedQuestion> tries) => ResultFiles.Write(
        folder.ScoresPath(GridFiles.NameOf(task)),
        new TaskScores(
            task.Name,
            [.. task.Questions.Select(question => question.IdText)],
            scores.Metrics.ToDictionary(metric => metric.Name, metric => metric.Values))
        {
            Causes = scores.Causes,
            InputTokens = scores.InputTokens,
            OutputTokens = scores.OutputTokens,
            Seconds = seconds,
            Tries = tries,
        });

    /// <summary>
    /// The likelihoods of recorded trajectories under conditions, also for a model that learned without any, to compare; none where the
    /// prompt has none.
    /// </summary>
    private static IReadOnlyList<TrajectoryLikelihood> Measure(
        IReadOnlyList<TrajectoryPair> pairs, AnswerLikelihood? likelihood, CancellationToken cancellation)
    {
        if (likelihood is null)
        {
            return [];
        }

        var successes = likelihood.Of([.. pairs.Select(pair => new AskedTrajectory(pair.Question, pair.Success))], cancellation);
        var failures = likelihood.Of([.. pairs.Select(pair => new AskedTrajectory(pair.Question, pair.Failure))], cancellation);
        return [.. pairs.Select((pair, place) => new TrajectoryLikelihood(pair.Id, successes[place], failures[place]))];
    }

    private static AgentSetup Setup(GridTask task, IReadOnlyList<TaskQuestion> questions, AgentModel model, bool keepsTokens) =>
        AgentSetup.Of(task.Task, questions, model, task.Episodes with { KeepsTokens = keepsTokens }) with
        {
            QuestionPath = task.QuestionPath,
        };
}
