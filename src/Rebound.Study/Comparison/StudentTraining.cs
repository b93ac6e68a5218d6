using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Files.Json;
using Rebound.Inference;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Metrics;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>Trains students from random weights and keeps them as models that every command takes.</summary>
internal sealed class StudentTraining(StudyFolder folder, StudySettings settings, StudentText text, TimeProvider time)
{
    /// <summary>Whether the student has been trained.</summary>
    public bool IsDone(StudyRun run) => new RunFolder(folder.StudentPath(run)).HoldsModel;

    /// <summary>Trains the student and writes its folder; what an earlier training left there is taken away.</summary>
    /// <param name="progress">Told the number and the loss of every step.</param>
    public async Task TrainAsync(StudyRun run, Backend backend, Action<int, double> progress, CancellationToken cancellation)
    {
        var path = folder.StudentPath(run);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path);
        var dataset = await LoadAsync(run, cancellation);
        var config = settings.Recipe.Config(text.Tokenizer.VocabularySize, text.StopToken);
        using var model = LlamaModel.Initialize(backend, LlamaConfig.Parse(config, "The student's shape"), (ulong)run.Seed);
        var options = settings.Recipe.Training(run.Seed);
        var plan = new TrainingPlan(dataset.Documents, options);
        using (var metrics = new MetricsLog(Path.Combine(path, MetricsLog.FileName)))
        using (var trainer = new Trainer(model, plan, options, time))
        {
            foreach (var step in trainer.Run())
            {
                cancellation.ThrowIfCancellationRequested();
                metrics.Write(step, heldOut: null);
                progress(step.Step, step.Loss);
            }
        }

        new RunFolder(path).Publish(partial => Write(partial, model, config, Card(path, dataset, plan)));
    }

    /// <summary>The loss of every step of a training that is done.</summary>
    public IReadOnlyList<double> Losses(StudyRun run) =>
    [
        .. File.ReadLines(Path.Combine(folder.StudentPath(run), MetricsLog.FileName)).Select(line => (double)StrictJson.ParseNode(line)!["loss"]!),
    ];

    /// <summary>The documents that the student learns from.</summary>
    public Task<Dataset> LoadAsync(StudyRun run, CancellationToken cancellation) => Dataset.LoadAsync(
        new DatasetOptions
        {
            PositivePath = Path.Combine(folder.TeacherPath, "positive.json"),
            PositiveCount = settings.Successes,
            NegativePath = run.Negatives > 0 ? Path.Combine(folder.TeacherPath, "negative.json") : null,
            NegativeCount = run.Negatives,
            QuestionPath = folder.QuestionsPath(WorldSplits.Train),
            Prompt = folder.PromptPath,
            Method = run.Method,
        },
        text.Renderer,
        new(settings.Recipe.ContextLength, Trajectories.Rendering.ExcessLength.Error),
        cancellation);

    private AgentCard Card(string path, Dataset dataset, TrainingPlan plan) => new()
    {
        Task = Path.GetRelativePath(path, folder.TaskPath),
        BaseModel = "random weights",
        Method = dataset.Prompting.MethodName,
        Prompt = dataset.Prompting.Prompt,
        Renderer = text.Renderer.Name,
        StopToken = text.Renderer.StopToken,
        TrainedOn = dataset.Counts,
        Steps = plan.TotalSteps,
        Epochs = plan.EpochAfter(plan.TotalSteps),
    };

    private void Write(string partial, LlamaModel model, JsonObject config, AgentCard card)
    {
        HuggingFaceFolder.WriteFiles(
            partial, config, model.Weights, TokenizerSource.Of(text.TokenizerJson, text.Config), new HuggingFaceFolderOptions());
        AskedModel.WriteCard(card, partial);
    }
}
