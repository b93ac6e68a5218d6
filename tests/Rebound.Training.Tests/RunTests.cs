using Rebound.Engine;
using Rebound.Files.Messages;
using Rebound.Models.Adapters;
using Rebound.Testing;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests;

/// <summary>A run of the library does what <c>rebound train</c> does.</summary>
public sealed class RunTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_run_publishes_the_model_with_its_card_and_tells_what_happens_on_the_way()
    {
        var told = new Told();

        var result = Train(Options("out", steps: 4), told);

        Assert.False(result.IsStopped);
        Assert.Equal(4, result.Steps.Count);
        Assert.Equal(_folder.Path("out/checkpoint-4"), result.Saved);
        Assert.Equal(
            [
                "Data", "Plan", "planned", "Weights", "Kernels", "LargestBatch", "measured", "began at 1", "FirstStep", "step 1", "step 2",
                "step 3", "step 4", "saved 4",
            ],
            told.Events.Where(name => name != "saved 2"));
        Assert.InRange(told.Events.IndexOf("saved 2"), told.Events.IndexOf("step 2") + 1, told.Events.IndexOf("saved 4") - 1);
        var card = AgentCard.Find(_folder.Path("out"))!;
        Assert.Equal(("nat", 4, "toy"), (card.Method, card.Steps, card.Task));
        Assert.Equal(4, File.ReadLines(_folder.Path("out/metrics.jsonl")).Count());
        Assert.True(File.Exists(_folder.Path("out/mask-certificate.json")));
        Assert.False(File.Exists(_folder.Path("out/options.yml")));
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_to_the_same_bits()
    {
        Train(Options("whole", steps: 4), new Told());
        var stopped = Train(Options("parts", steps: 4), new Told { StopAfter = 3 });
        var rest = Train(Options("parts", steps: 4) with { Checkpoints = new() { Resume = CheckpointOptions.Newest } }, new Told());

        Assert.Equal((3, true), (stopped.CompletedSteps, stopped.IsStopped));
        Assert.Single(rest.Steps);
        Assert.Equal(
            File.ReadAllBytes(_folder.Path("whole/model.safetensors")), File.ReadAllBytes(_folder.Path("parts/model.safetensors")));
    }

    [Fact]
    public void A_run_that_keeps_nothing_when_it_is_stopped_throws_after_its_step()
    {
        var options = Options("out", steps: 4) with { Checkpoints = new() { Schedule = StepSchedule.Never, SavesWhenStopped = false } };

        Assert.Throws<OperationCanceledException>(() => Train(options, new Told { StopAfter = 1 }));

        Assert.Equal(
            ["metrics.jsonl", "mask-certificate.json"],
            Directory.GetFileSystemEntries(_folder.Path("out")).Select(Path.GetFileName).OrderDescending());
    }

    [Fact]
    public void A_checkpoint_that_is_written_while_training_goes_on_is_that_of_its_step()
    {
        Train(Options("waiting", steps: 8) with { Checkpoints = new() { Schedule = StepSchedule.Never } }, new Told { StopAfter = 2 });
        Train(Options("going", steps: 8) with { Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, 2) } }, new Told());

        foreach (var file in Directory.GetFiles(_folder.Path("waiting/checkpoint-2")).Select(path => Path.GetFileName(path)!)
            .Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            Assert.Equal(
                File.ReadAllBytes(_folder.Path($"waiting/checkpoint-2/{file}")), File.ReadAllBytes(_folder.Path($"going/checkpoint-2/{file}")));
        }

        Assert.Equal(2, File.ReadLines(_folder.Path("going/checkpoint-2/metrics.jsonl")).Count());
        Assert.Equal(2, TrainerState.Read(_folder.Path("going/checkpoint-2")).Step);
    }

    [Fact]
    public void A_plan_is_measured_without_a_trace()
    {
        using var model = StartingModel.Open(_folder.Path("model"), new LoraSettings { Rank = 4 });
        var run = TrainingRun.Prepare(Options("out", steps: 4), model, new RunHost(_backend), TestContext.Current.CancellationToken);

        Assert.True(run.Measure(TestContext.Current.CancellationToken).SecondsPerToken > 0);

        Assert.Equal((4, 4), (run.Plan.Steps.TotalSteps, run.Plan.Adapter!.Settings.Rank));
        Assert.Equal(2, run.Plan.Disk.Checkpoints);
        Assert.False(Directory.Exists(_folder.Path("out")));
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_refused_by_the_name_of_the_option()
    {
        Train(Options("out", steps: 1), new Told());

        var refusal = Assert.Throws<OptionsException>(() => Train(Options("out", steps: 1), new Told()));

        Assert.EndsWith("ask to overwrite it or to resume. (Overwrite)", refusal.Message);
        Train(Options("out", steps: 1) with { Overwrite = true }, new Told());
    }

    [Fact]
    public void A_run_that_diverges_names_the_checkpoint_that_is_left()
    {
        var options = Options("out", steps: 40) with
        {
            Training = new TrainingOptions { MaxSteps = 40, LearningRate = 1e30, Optimizer = new AdamWOptions() },
            Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, 1) },
        };

        var failure = Assert.Throws<RunFailedException>(() => Train(options, new Told()));

        Assert.False(failure.CanResume);
        Assert.StartsWith(_folder.Path("out/checkpoint-"), failure.Checkpoint);
        Assert.IsType<TrainingException>(failure.InnerException);
    }

    private RunOptions Options(string output, int steps) => new()
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
        Training = new TrainingOptions { MaxSteps = steps, BatchSize = 2, LearningRate = 1e-3 },
        Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, 2) },
        Task = "toy",
    };

    private RunResult Train(RunOptions options, Told told)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        told.Stop = stop;
        using var model = StartingModel.Open(_folder.Path("model"));
        return TrainingRun.Prepare(options, model, new RunHost(_backend) { Observer = told }, stop.Token).Train(stop.Token);
    }

    private sealed class Told : ITrainingObserver
    {
        public List<string> Events { get; } = [];

        public int StopAfter { get; init; }

        public CancellationTokenSource? Stop { get; set; }

        public void Ended(RunPhase phase) => Events.Add($"{phase}");

        public void Planned(RunPlan plan) => Events.Add("planned");

        public void Measured(StepTiming timing, TimeSpan expected) => Events.Add("measured");

        public void Began(int firstStep, long tokensLeft) => Events.Add($"began at {firstStep}");

        public void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best)
        {
            Events.Add($"step {step.Step}");
            if (step.Step == StopAfter)
            {
                Stop!.Cancel();
            }
        }

        public void Saved(int step, string folder) => Events.Add($"saved {step}");
    }
}
