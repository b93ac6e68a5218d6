using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Files.Json;
using Rebound.Study.Workbench;
using Rebound.Training;
using Rebound.Training.Documents;
using Rebound.Training.Evaluation;
using Rebound.Training.Metrics;
using Rebound.Training.Runs;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>Trains students from random weights and keeps them as models that every command takes.</summary>
internal sealed class StudentTraining(StudyFolder folder, StudySettings settings, StudentText text, TimeProvider time)
{
    /// <summary>Whether the student has been trained.</summary>
    public bool IsDone(StudyRun run) => ModelTrainer.IsTrained(folder.StudentPath(run));

    /// <summary>
    /// Trains the student and writes its folder, unless it is done; what a training left there that was cut short is taken away.
    /// </summary>
    /// <param name="progress">Told the number and the loss of every step.</param>
    public void Train(StudyRun run, Backend backend, Action<int, double> progress, CancellationToken cancellation)
    {
        var path = folder.StudentPath(run);
        var training = settings.Recipe.Training(run.Seed);
        var options = new RunOptions
        {
            OutputFolder = path,
            Data = Data(run),
            Rendering = Rendering,
            Training = training,
            PackTokens = training.PackTokens,
            Checkpoints = new CheckpointOptions { Schedule = StepSchedule.Never, SavesWhenStopped = false },
            Task = Path.GetRelativePath(path, folder.TaskPath),
            TriesLargestBatch = false,
            Record = new RunRecord { LossMask = false },
        };
        new ModelTrainer(backend) { Time = time }.Train(options, () => Start(run), new Progress(progress), cancellation);
    }

    /// <summary>The loss of every step of a training that is done.</summary>
    public IReadOnlyList<double> Losses(StudyRun run) =>
    [
        .. File.ReadLines(Path.Combine(folder.StudentPath(run), MetricsLog.FileName)).Select(line =>
            (double)StrictJson.ParseNode(line)!["loss"]!),
    ];

    /// <summary>The documents that the student learns from.</summary>
    public Dataset Load(StudyRun run, CancellationToken cancellation)
    {
        using var start = Start(run);
        return RenderedData.Load(Data(run), Rendering, start.Text, cancellation: cancellation).Dataset;
    }

    private StartingModel Start(StudyRun run) => StartingModel.Random(
        settings.Recipe.Config(text.Tokenizer.VocabularySize, text.StopToken), text.Source, run.Seed);

    private RenderingOptions Rendering => new() { MaxLength = settings.Recipe.ContextLength, ExcessLength = ExcessLength.Error };

    private DatasetOptions Data(StudyRun run) => new()
    {
        PositivePath = Path.Combine(folder.TeacherPath, "positive.json"),
        PositiveCount = settings.Successes,
        NegativePath = run.Negatives > 0 ? Path.Combine(folder.TeacherPath, "negative.json") : null,
        NegativeCount = run.Negatives,
        QuestionPath = folder.QuestionsPath(WorldSplits.Train),
        Prompt = folder.PromptPath,
        Method = run.Method,
    };

    private sealed class Progress(Action<int, double> step) : ITrainingObserver
    {
        public void StepDone(StepReport report, HeldOutReport? heldOut, BestHeldOut? best) => step(report.Step, report.Loss);
    }
}
