using System.CommandLine;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c>. Those that the NAT reference has keep its names, dashed.</summary>
internal sealed class TrainOptions
{
    public readonly Option<string> Model = new("--model", "-m", "--model-name-or-path")
    {
        Description = "Model to start from: a Hugging Face folder or a .gguf file",
        HelpName = "PATH",
        Required = true,
    };

    public readonly Option<string> OutputFolder = new("--output-dir")
    {
        Description = "Folder to write the trained model to",
        HelpName = "DIR",
        Required = true,
    };

    public readonly Option<bool> Overwrite = new("--overwrite-output-dir")
    {
        Description = "Write over a model that the output folder already holds",
    };

    public readonly Option<string?> PositivePath = Text(
        "--pos-path", "FILE", "Successful trajectories (NATInstruct JSON or JSON lines)");
    public readonly Option<string?> NegativePath = Text(
        "--neg-path", "FILE", "Failed trajectories; leave out to train on successes only");
    public readonly Option<int?> PositiveCount = Number<int?>("--pos-num", "Use the first N successes (default all)");
    public readonly Option<int?> NegativeCount = Number<int?>(
        "--neg-num", "Use N failures, the ones that the reference's random.seed(42) picks (default all)");

    public readonly Option<string?> QuestionPath = Text(
        "--question-path", "FILE", "Questions by id (JSON or JSON lines)");
    public readonly Option<string?> PromptPath = Text(
        "--prompt-path", "FILE", "Prompt file: templates with a question prompt for each outcome");
    public readonly Option<string?> Template = Text(
        "--template", "NAME", "Template of the prompt file, for example zero-shot-target-aware");
    public readonly Option<string> OnBadRow = OneOf(
        "--on-bad-row", "Rows that nothing can be learned from: stop, or leave them out and count them", "error", "skip");

    public readonly Option<int?> MaxLength = Number<int?>(
        "--model-max-length", "Tokens of the longest document (default 4096 or the model's context)");
    public readonly Option<string> ExcessLength = OneOf(
        "--excess-length", "Longer documents: keep the beginning, leave out, or stop", "truncate", "drop", "error");

    public readonly Option<double> Epochs = Number("--num-train-epochs", "Passes over the data", 3.0);
    public readonly Option<int> MaxSteps = Number(
        "--max-steps", "Optimizer steps, whatever the epochs say; -1 for as many as they take", -1);
    public readonly Option<int> BatchSize = Number("--per-device-train-batch-size", "Documents of a batch", 8);
    public readonly Option<int> AccumulationSteps = Number(
        "--gradient-accumulation-steps", "Batches of an optimizer step", 1);
    public readonly Option<int> PackTokens = Number(
        "--pack-tokens", "Tokens that go through the model at once: less takes less memory, the result is the same", 2048);

    public readonly Option<double> LearningRate = Number("--learning-rate", "Peak learning rate", 5e-5);
    public readonly Option<string> Schedule = OneOf(
        "--lr-scheduler-type", "Shape of the learning rate after the warm-up", "linear", "cosine", "constant", "constant_with_warmup");

    public readonly Option<double> WarmupRatio = Number("--warmup-ratio", "Share of the steps that warm up", 0.0);
    public readonly Option<int> WarmupSteps = Number("--warmup-steps", "Steps that warm up, instead of a share", 0);
    public readonly Option<double> WeightDecay = Number(
        "--weight-decay", "Decoupled weight decay, of matrices only", 0.0);
    public readonly Option<double> Beta1 = Number("--adam-beta1", "Decay of AdamW's first moment", 0.9);
    public readonly Option<double> Beta2 = Number("--adam-beta2", "Decay of AdamW's second moment", 0.999);
    public readonly Option<double> Epsilon = Number("--adam-epsilon", "AdamW's epsilon", 1e-8);
    public readonly Option<double> MaxGradientNorm = Number(
        "--max-grad-norm", "Gradient norm to clip to; 0 for no clipping", 1.0);
    public readonly Option<long> Seed = Number("--seed", "Seed of the order of documents", 42L);

    public readonly Option<int?> LoggingSteps = Number<int?>(
        "--logging-steps", "Steps between printed lines (default about 50 lines a run)");
    public readonly Option<string> SaveType = OneOf(
        "--save-dtype", "Element type of the written weights", "float32", "bfloat16", "float16");

    public readonly Option<string?> TaskName = Text(
        "--task-name", "NAME", "Accepted: the prompt and question files say all that the task decides");
    public readonly Option<bool> BFloat16 = new("--bf16")
    {
        Description = "Accepted: the CPU computes in fp32, which is more exact",
    };
    public readonly Option<string?> DeepSpeed = Text("--deepspeed", "FILE", "Accepted: one device needs no sharding");
    public readonly Option<string?> SaveStrategy = Text(
        "--save-strategy", "WHEN", "Accepted: the model is written once, at the end");
    public readonly Option<string?> LoggingStrategy = Text(
        "--logging-strategy", "WHEN", "Accepted: --logging-steps decides");

    public IEnumerable<Option> All =>
    [
        Model, OutputFolder, Overwrite, PositivePath, NegativePath, PositiveCount, NegativeCount, QuestionPath,
        PromptPath, Template, OnBadRow, MaxLength, ExcessLength, Epochs, MaxSteps, BatchSize, AccumulationSteps,
        PackTokens, LearningRate, Schedule, WarmupRatio, WarmupSteps, WeightDecay, Beta1, Beta2, Epsilon,
        MaxGradientNorm, Seed, LoggingSteps, SaveType, SharedOptions.Device, SharedOptions.Threads,
        SharedOptions.Json, TaskName, BFloat16, DeepSpeed, SaveStrategy, LoggingStrategy,
    ];

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static Option<T> Number<T>(string name, string description) =>
        new(name) { HelpName = "N", Description = description };

    private static Option<T> Number<T>(string name, string description, T value) =>
        new(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => value };

    /// <param name="values">The first is the default.</param>
    private static Option<string> OneOf(string name, string description, params string[] values)
    {
        var option = new Option<string>(name)
        {
            HelpName = string.Join('|', values),
            Description = description,
            DefaultValueFactory = _ => values[0],
        };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
