using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Testing;
using Rebound.Training.Methods;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests.Methods;

public sealed class MethodRunTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<TrainingMethod, bool> Methods =>
        [.. Enum.GetValues<TrainingMethod>().Select(method => (method, false)), (TrainingMethod.Kto, true), (TrainingMethod.Dpo, true)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_run_of_any_method_goes_on_to_the_same_bits(TrainingMethod method, bool lora)
    {
        Train(Options("whole", method), lora);
        Train(Options("parts", method), lora, stopAfter: 3);
        Train(Options("parts", method) with { Checkpoints = new() { Resume = CheckpointOptions.Newest } }, lora);

        var file = lora ? "adapter_model.safetensors" : "model.safetensors";
        Assert.Equal(File.ReadAllBytes(_folder.Path($"whole/{file}")), File.ReadAllBytes(_folder.Path($"parts/{file}")));
        Assert.Equal(Lines("whole"), Lines("parts"));
    }

    [Theory]
    [InlineData(TrainingMethod.Dpo, false)]
    [InlineData(TrainingMethod.Kto, true)]
    public void Losses_that_are_not_there_any_more_are_computed_again_from_the_start(TrainingMethod method, bool lora)
    {
        Train(Options("whole", method), lora);
        Train(Options("parts", method), lora, stopAfter: 2);
        var kept = File.ReadAllBytes(_folder.Path("parts/baseline.safetensors"));
        File.Delete(_folder.Path("parts/baseline.safetensors"));

        var resumed = Options("parts", method) with { Checkpoints = new() { Resume = CheckpointOptions.Newest } };
        Train(resumed, lora, stopAfter: 4);

        Assert.Equal(kept, File.ReadAllBytes(_folder.Path("parts/baseline.safetensors")));
        Train(resumed, lora);
        Assert.Equal(Lines("whole"), Lines("parts"));
    }

    [Fact]
    public void Dpo_learns_to_prefer_and_says_so()
    {
        var result = Train(Options("out", TrainingMethod.Dpo, steps: 12), lora: false);

        Assert.Equal(0, result.Steps[0].Metrics["rewards/margins"], 1e-6);
        Assert.Equal(Math.Log(2), result.Steps[0].Loss, 1e-6);
        Assert.True(result.Steps[^1].Metrics["rewards/margins"] > 0.1);
        Assert.Equal(1, result.Steps[^1].Metrics["rewards/accuracies"]);
        var last = JsonNode.Parse(File.ReadLines(_folder.Path("out/metrics.jsonl")).Last())!;
        Assert.Equal(result.Steps[^1].Metrics["rewards/chosen"], (double)last["rewards/chosen"]!);
    }

    private string[] Lines(string run) => [.. File.ReadLines(_folder.Path($"{run}/metrics.jsonl")).Select(line =>
    {
        var json = JsonNode.Parse(line)!.AsObject();
        foreach (var name in (string[])["seconds", "tokens_per_second", "supervised_tokens_per_second"])
        {
            json.Remove(name);
        }

        return json.ToJsonString();
    })];

    private RunOptions Options(string output, TrainingMethod method, int steps = 5) => new()
    {
        OutputFolder = _folder.Path(output),
        Data = new DatasetOptions
        {
            PositivePath = _folder.Path("positive.json"),
            NegativePath = _folder.Path("negative.json"),
            QuestionPath = _folder.Path("questions.jsonl"),
            PromptPath = _folder.Path("prompts.json"),
            Template = "aware",
            Method = method,
        },
        Training = new TrainingOptions { MaxSteps = steps, BatchSize = 2, LearningRate = 5e-3, Method = new MethodOptions { Beta = 0.2 } },
        Checkpoints = new() { Schedule = StepSchedule.Never },
    };

    private RunResult Train(RunOptions options, bool lora, int stopAfter = 0)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var model = StartingModel.Open(_folder.Path("model"), lora ? new LoraSettings { Rank = 4, Dropout = 0.1f } : null);
        var host = new RunHost(_backend) { Observer = new Stopping(stopAfter, stop) };
        return TrainingRun.Prepare(options, model, host, stop.Token).Train(stop.Token);
    }

    private sealed class Stopping(int after, CancellationTokenSource stop) : ITrainingObserver
    {
        public void StepDone(StepReport step, Evaluation.HeldOutReport? heldOut, Evaluation.BestHeldOut? best)
        {
            if (step.Step == after)
            {
                stop.Cancel();
            }
        }
    }
}
