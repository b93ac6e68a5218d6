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
    GridPlan plan, GridCell cell, CellFolder folder, ModelTrainer trainer, Backend backend, TimeProvider time, IGridObserver observer)
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
                foreach (var task in tasks)
                {
                    await ExamineAsync(task, source, Load, cancellation);
                }

                if (pairs is not null)
                {
                    Measure(pairs, source, Load, cancellation);
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
        if (trainer.Train(run, () => StartingModel.Open(cell.Model, cell.Lora), new TrainingProgress(observer), cancellation) is not null)
        {
            folder.DeleteUnfinished();
            var steps = folder.Steps();
            folder.WriteCosts(new TrainingCosts(time.GetElapsedTime(began).TotalSeconds, steps.Count, steps.Sum(step => step.Tokens)));
        }
    }

    private async Task ExamineAsync(GridTask task, ModelSource source, Func<LlamaModel> load, CancellationToken cancellation)
    {
        var (name, began) = (GridFiles.NameOf(task), time.GetTimestamp());
        EvaluationReport report;
        IReadOnlyList<TriedQuestion> tries = [];
        AgentSetup setup;
        using (var model = new LocalAgentModel(source, load))
        {
            setup = Setup(task, task.Questions, model, keepsTokens: false);
            report = await AgentTrials.EvaluateAsync(
                model, setup, task.Tools,
                new EvaluationOptions
                {
                    OutputFolder = folder.EpisodesPath(name),
                    Temperature = task.Temperature,
                    Seed = task.Seed,
                    Concurrency = task.Concurrency,
                },
                new EpisodesProgress(observer, task.Name), cancellation);
            if (task.Tries is not null)
            {
                tries = await new CellTries(folder.TriesPath(name), task, observer).CollectAsync(
                    model, Setup(task, [.. task.Questions.Take(task.Tries.Questions)], model, keepsTokens: true), cancellation);
            }
        }

        var seconds = time.GetElapsedTime(began).TotalSeconds;
        if (tries.Count > 0 && Verdicts(source, load) is { } likelihood)
        {
            tries = await new CellTries(folder.TriesPath(name), task, observer).JudgeAsync(tries, likelihood, cancellation);
        }

        var scores = report.Scores[0];
        ResultFiles.Write(folder.ScoresPath(name), new TaskScores(
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
    }

    private void Measure(HeldOutPairs heldOut, ModelSource source, Func<LlamaModel> load, CancellationToken cancellation)
    {
        var likelihoods = new List<TrajectoryLikelihood>();
        if (Verdicts(source, load) is { } likelihood)
        {
            foreach (var (done, pair) in heldOut.Pairs.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                observer.Progressed("likelihoods", (double)done / heldOut.Pairs.Count);
                likelihoods.Add(new TrajectoryLikelihood(
                    pair.Id, likelihood.Of(pair.Question, pair.Success), likelihood.Of(pair.Question, pair.Failure)));
            }
        }

        ResultFiles.Write(folder.ScoresPath(heldOut.Name), likelihoods);
    }

    /// <summary>
    /// The model asked under conditions, also where it learned without any, to compare; null where the prompt has none.
    /// </summary>
    private AnswerLikelihood? Verdicts(ModelSource source, Func<LlamaModel> load) =>
        GridFiles.ConditionedPrompt(cell.Run.Data) is { } prompt
            ? new AnswerLikelihood(load(), ChatProfile.Of(source).Renderer, prompt)
            : null;

    private static AgentSetup Setup(GridTask task, IReadOnlyList<TaskQuestion> questions, AgentModel model, bool keepsTokens) =>
        AgentSetup.Of(task.Task, questions, model, task.Episodes with { KeepsTokens = keepsTokens }) with
        {
            QuestionPath = task.QuestionPath,
        };
}
