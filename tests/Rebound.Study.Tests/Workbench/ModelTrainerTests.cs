using Rebound.Engine;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Models.Adapters;
using Rebound.Study.Workbench;
using Rebound.Testing;
using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Tests.Workbench;

public sealed class ModelTrainerTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_model_is_trained_once()
    {
        Assert.Equal(4, Train(Options("out"))!.Steps.Count);
        var written = File.GetLastWriteTimeUtc(_folder.Path("out/model.safetensors"));

        Assert.Null(Train(Options("out")));

        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder.Path("out/model.safetensors")));
        Assert.True(ModelTrainer.IsTrained(_folder.Path("out")));
    }

    [Fact]
    public void A_training_that_was_stopped_goes_on_to_the_same_bits()
    {
        Train(Options("whole"));

        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train(Options("parts"), new Stop(3, stop), stop.Token));
        Assert.False(ModelTrainer.IsTrained(_folder.Path("parts")));
        Assert.Single(Train(Options("parts"))!.Steps);

        AssertSame("whole", "parts");
    }

    [Fact]
    public void What_a_run_left_that_came_to_no_checkpoint_is_taken_away()
    {
        Train(Options("whole"));
        Train(Options("broken"));
        File.Delete(_folder.Path("broken/config.json"));

        Assert.Equal(4, Train(Options("broken"))!.Steps.Count);

        AssertSame("whole", "broken");
    }

    [Fact]
    public void A_training_with_other_settings_or_other_data_does_not_take_the_folder()
    {
        Train(Options("out"));

        var options = Options("out");
        Assert.Contains("'training.seed'", Refused(options with { Training = options.Training with { Seed = 7 } }), StringComparison.Ordinal);
        Assert.Contains(
            "'data.method'", Refused(options with { Data = options.Data with { Method = TrainingMethod.Nut } }), StringComparison.Ordinal);
        Assert.Contains("'model'", Refused(options, new LoraSettings()), StringComparison.Ordinal);

        File.AppendAllText(_folder.Path("positive.json"), "\n");
        Assert.Contains("'data.positivePath'", Refused(options), StringComparison.Ordinal);
        Assert.True(ModelTrainer.IsTrained(_folder.Path("out")));
    }

    [Fact]
    public void What_a_training_has_not_made_is_left_alone()
    {
        Directory.CreateDirectory(_folder.Path("out"));
        File.WriteAllText(_folder.Path("out/notes.txt"), "mine");

        Assert.Throws<IOException>(() => Train(Options("out")));
        Assert.Throws<IOException>(() => Train(Options("out")));
        Assert.Throws<IOException>(() => Train(Options("model")));

        Assert.Equal(["notes.txt"], Directory.GetFileSystemEntries(_folder.Path("out")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_in_which_another_run_is_at_work_is_left_alone()
    {
        Directory.CreateDirectory(_folder.Path("out"));
        using var held = FolderLock.Take(_folder.Path("out"));

        Assert.Throws<FolderInUseException>(() => Train(Options("out")));
    }

    private string Refused(RunOptions options, LoraSettings? lora = null) =>
        Assert.Throws<DataException>(() => Train(options, lora: lora)).Message;

    private void AssertSame(string one, string other) => Assert.Equal(
        File.ReadAllBytes(_folder.Path($"{one}/model.safetensors")), File.ReadAllBytes(_folder.Path($"{other}/model.safetensors")));

    private RunResult? Train(
        RunOptions options, ITrainingObserver? observer = null, CancellationToken? stop = null, LoraSettings? lora = null) =>
        new ModelTrainer(_backend).Train(
            options, () => StartingModel.Open(_folder.Path("model"), lora), observer, stop ?? TestContext.Current.CancellationToken);

    private RunOptions Options(string output) => new()
    {
        OutputFolder = _folder.Path(output),
        Data = new DatasetOptions
        {
            PositivePath = _folder.Path("positive.json"),
            NegativePath = _folder.Path("negative.json"),
            QuestionPath = _folder.Path("questions.jsonl"),
            PromptPath = _folder.Path("prompts.json"),
            Template = "aware",
        },
        Training = new TrainingOptions
        {
            MaxSteps = 4,
            BatchSize = 2,
            LearningRate = 5e-3,
            Optimizer = new AdamWOptions { MaxGradientNorm = float.PositiveInfinity },
        },
        Checkpoints = new CheckpointOptions { Schedule = StepSchedule.Never },
    };

    private sealed class Stop(int step, CancellationTokenSource source) : ITrainingObserver
    {
        public void StepDone(StepReport report, HeldOutReport? heldOut, BestHeldOut? best)
        {
            if (report.Step == step)
            {
                source.Cancel();
            }
        }
    }
}
