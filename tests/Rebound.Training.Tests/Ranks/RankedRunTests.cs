using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Models.Adapters;
using Rebound.Testing;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests.Ranks;

/// <summary>Whole runs on ranks that are threads.</summary>
public sealed class RankedRunTests : IDisposable
{
    private const int StepDocuments = 4;

    private readonly TrainingFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(4, 3, false)]
    [InlineData(2, 3, true)]
    public void Any_number_of_ranks_writes_the_same_files_and_the_same_model_within_rounding(int ranks, int stage, bool lora)
    {
        Train(1, Options("alone"), lora: lora);
        Train(ranks, Options("together", stage: stage), lora: lora);

        Assert.Equal(Files("alone"), Files("together"));
        AssertAlike(lora ? "adapter_model" : "model", "alone", "together");
        Assert.Equal(Metrics("alone", withoutNumbers: true), Metrics("together", withoutNumbers: true));
        foreach (var moment in new[] { "first", "second" })
        {
            var parts = Directory.GetFiles(_folder.Path("together/checkpoint-3"), $"optimizer_{moment}_moment*");
            Assert.Equal(
                Enumerable.Range(1, ranks).Select(part => $"optimizer_{moment}_moment-{part:d5}-of-{ranks:d5}.safetensors"),
                parts.Select(Path.GetFileName).Order());
            using var part = new SafetensorsFile(parts[0]);
            var (name, stored) = part.Tensors.First();
            Assert.Single(stored.Shape);
            Assert.StartsWith("{\"shape\":[", part.Metadata[name]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_run_that_was_stopped_goes_on_to_the_same_bits_on_as_many_ranks(int stage)
    {
        Train(2, Options("whole", stage: stage));
        var stopped = Train(2, Options("parts", stage: stage), stopAfter: 2);
        Assert.Equal((2, true), (stopped.CompletedSteps, stopped.IsStopped));

        Train(2, Resumed("parts", stage));

        Assert.Equal(File.ReadAllBytes(_folder.Path("whole/model.safetensors")), File.ReadAllBytes(_folder.Path("parts/model.safetensors")));
        Assert.Equal(Metrics("whole"), Metrics("parts"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_checkpoint_of_any_number_of_ranks_goes_on_on_any_other(bool lora)
    {
        Train(1, Options("whole"), lora: lora);
        Train(2, Options("parts"), stopAfter: 1, lora: lora);
        Train(4, Resumed("parts", stage: 3), stopAfter: 3, lora: lora);
        Train(1, Resumed("parts"), lora: lora);

        AssertAlike(lora ? "adapter_model" : "model", "whole", "parts");
        Assert.Equal(Metrics("whole", withoutNumbers: true), Metrics("parts", withoutNumbers: true));
    }

    [Fact]
    public void Held_out_loss_and_the_losses_that_a_method_compares_with_are_those_of_one()
    {
        var options = Options("alone") with
        {
            Data = Data() with { Method = TrainingMethod.Kto },
            HeldOut = new() { Path = _folder.Path("positive.json"), Schedule = new StepSchedule(StepStrategy.Steps, 1) },
        };

        var alone = Train(1, options);
        var together = Train(2, options with { OutputFolder = _folder.Path("together"), Training = options.Training with { ZeroStage = 3 } });

        Assert.Equal(alone.Best!.Loss, together.Best!.Loss, alone.Best.Loss * RankedTrainer.Tolerance);
        RankedTrainer.AssertAlike([.. alone.Steps], [.. together.Steps]);
    }

    [Fact]
    public void A_rank_that_cannot_write_its_part_fails_all_and_leaves_the_checkpoints_before()
    {
        var failure = Assert.Throws<RunFailedException>(() => Train(2, Options("out", every: 1), onStep: (rank, step) =>
        {
            if (rank == 1 && step == 2)
            {
                FileCalls.Current = new FullDisk();
            }
        }));

        Assert.Contains("The checkpoint of step 2 could not be written: On rank 1: No space left on device.", failure.Message);
        Assert.True(failure.CanResume);
        Assert.Equal(_folder.Path("out/checkpoint-1"), failure.Checkpoint);
        Assert.Equal(["checkpoint-1"], Directory.GetDirectories(_folder.Path("out")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_rank_that_ends_ends_all_with_its_reason_and_the_run_goes_on_from_the_last_checkpoint()
    {
        Train(2, Options("whole"));

        var failure = Assert.Throws<RunFailedException>(() => Train(2, Options("parts", every: 1), onStep: (rank, step) =>
        {
            if (rank == 1 && step == 3)
            {
                // The checkpoint of step 1 was whole before that of step 2 was begun, which is lost.
                throw new InvalidOperationException("The memory broke.");
            }
        }));

        Assert.Contains("Rank 1 gave up: The memory broke.", failure.Message);
        Assert.Equal(_folder.Path("parts/checkpoint-1"), failure.Checkpoint);
        Train(2, Resumed("parts"));
        Assert.Equal(File.ReadAllBytes(_folder.Path("whole/model.safetensors")), File.ReadAllBytes(_folder.Path("parts/model.safetensors")));
    }

    [Fact]
    public void Ranks_that_would_train_different_runs_are_refused_by_what_differs()
    {
        var refusal = Assert.Throws<OptionsException>(() => Train(2, Options("out"), change: (rank, options) =>
            options with { Training = options.Training with { LearningRate = rank == 0 ? 0.001 : 0.002 } }));

        Assert.Equal(
            "Ranks would train different runs: learning_rate is 0.001 on rank 0 and 0.002 on rank 1. Give all of them the same options and "
            + "files.",
            refusal.Message);
    }

    [Fact]
    public void Another_batch_of_all_ranks_is_another_run()
    {
        Train(2, Options("out"), stopAfter: 1);

        var refusal = Assert.Throws<OptionsException>(() => Train(4, Resumed("out"), change: (_, options) =>
            options with { Training = options.Training with { BatchSize = 2 } }));

        Assert.Contains("gradient_accumulation_steps was 4 and is now 8", refusal.Message);
    }

    private DatasetOptions Data() => new()
    {
        PositivePath = _folder.Path("positive.json"),
        NegativePath = _folder.Path("negative.json"),
        QuestionPath = _folder.Path("questions.jsonl"),
        PromptPath = _folder.Path("prompts.json"),
        Template = "aware",
    };

    private RunOptions Options(string output, int every = 3, int stage = 1) => new()
    {
        OutputFolder = _folder.Path(output),
        Data = Data(),
        Training = new TrainingOptions { MaxSteps = 4, LearningRate = 1e-3, ZeroStage = stage },
        PackTokens = 40,
        TriesLargestBatch = false,
        Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, every) },
    };

    private RunOptions Resumed(string output, int stage = 1) =>
        Options(output, stage: stage) with { Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, 3), Resume = CheckpointOptions.Newest } };

    /// <summary>Runs on a number of ranks, and returns what rank 0 does.</summary>
    private RunResult Train(
        int ranks, RunOptions options, int stopAfter = 0, bool lora = false, Action<int, int>? onStep = null,
        Func<int, RunOptions, RunOptions>? change = null)
    {
        options = options with { Training = options.Training with { BatchSize = StepDocuments / ranks } };
        var results = new RunResult[ranks];
        if (ranks == 1)
        {
            RunOne(null);
        }
        else
        {
            ThreadCommunicator.Run(ranks, RunOne);
        }

        return results[0];

        void RunOne(Communicator? communicator)
        {
            var rank = communicator?.Rank ?? 0;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var observer = new Watch((step) =>
            {
                onStep?.Invoke(rank, step);
                if (step == stopAfter && rank == 0)
                {
                    stop.Cancel();
                }
            });
            using var backend = new CpuBackend(1);
            using var model = StartingModel.Open(_folder.Path("model"), lora ? new LoraSettings { Rank = 4 } : null);
            var host = new RunHost(backend) { Observer = observer, Ranks = communicator };
            results[rank] = TrainingRun.Prepare(change?.Invoke(rank, options) ?? options, model, host, stop.Token).Train(stop.Token);
        }
    }

    private string[] Files(string output) =>
        [.. Directory.GetFiles(_folder.Path(output)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>The steps' lines without times; without what rounding changes, too.</summary>
    private string[] Metrics(string output, bool withoutNumbers = false) =>
    [
        .. File.ReadLines(_folder.Path($"{output}/metrics.jsonl")).Select(line => string.Join(
            ",",
            line.Split(',').Where(field => !field.Contains("second") && !(withoutNumbers && (field.Contains("loss") || field.Contains("norm")))))),
    ];

    private void AssertAlike(string file, string expected, string actual)
    {
        using var first = new SafetensorsFile(_folder.Path($"{expected}/{file}.safetensors"));
        using var second = new SafetensorsFile(_folder.Path($"{actual}/{file}.safetensors"));
        Assert.Equal(first.Tensors.Keys.Order(), second.Tensors.Keys.Order());
        foreach (var tensor in first.Tensors.Values)
        {
            var (one, other) = (new float[tensor.Count], new float[tensor.Count]);
            first.Read(tensor.Name, one);
            second.Read(tensor.Name, other);
            Assert.All(one.Zip(other), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    private sealed class Watch(Action<int> onStep) : ITrainingObserver
    {
        public void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best) => onStep(step.Step);
    }

    private sealed class FullDisk : FileCalls
    {
        public override void Write(string path, Action<string> write) => throw new IOException("No space left on device");
    }
}
