using System.CommandLine;
using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Models.Adapters;
using Rebound.Training;
using Rebound.Training.Documents;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c>. Those that the NAT reference has keep its names, dashed.</summary>
internal sealed class TrainOptions
{
    public readonly DocumentOptions Documents = new();

    public readonly SavingOptions Saving = new();

    public readonly HeldOutEvaluationOptions Evaluation = new();

    public readonly LoraOptions Lora = new();

    public readonly MethodNumberOptions Method = new();

    public readonly DeviceOptions Device = new();

    public readonly ShardingOptions Sharding = new();

    public readonly Option<string> OutputFolder = new("--output-dir")
    {
        Description = "Folder of the run: metrics and checkpoints, and the trained model at the end",
        HelpName = "DIR",
        Required = true,
    };

    public readonly Option<bool> Overwrite = new("--overwrite-output-dir")
    {
        Description = "Replace a model and checkpoints that the output folder already holds",
    };

    public readonly Option<double> Epochs = OptionOf.Number("--num-train-epochs", "Passes over the data", 3.0);
    public readonly Option<int> MaxSteps = OptionOf.Number(
        "--max-steps", "Optimizer steps, whatever the epochs say; -1 for as many as they take", -1);
    public readonly Option<int> BatchSize = OptionOf.Number("--per-device-train-batch-size", "Documents of a rank's batch", 8);
    public readonly Option<int> AccumulationSteps = OptionOf.Number(
        "--gradient-accumulation-steps", "Batches of an optimizer step", 1);
    public readonly Option<int?> PackTokens = OptionOf.Number<int?>(
        "--pack-tokens",
        "Tokens that go through the model at once: less takes less memory, the result is the same (default as many as a GPU has room for, "
        + "2048 on the CPU)");

    public readonly Option<double> LearningRate = OptionOf.Number("--learning-rate", "Peak learning rate", 5e-5);
    public readonly Option<string> Schedule = OptionOf.OneOf(
        "--lr-scheduler-type", "Shape of the learning rate after the warm-up", "linear", "cosine", "constant", "constant_with_warmup");

    public readonly Option<double> WarmupRatio = OptionOf.Number("--warmup-ratio", "Share of the steps that warm up", 0.0);
    public readonly Option<int> WarmupSteps = OptionOf.Number("--warmup-steps", "Steps that warm up, instead of a share", 0);
    public readonly Option<double> WeightDecay = OptionOf.Number(
        "--weight-decay", "Decoupled weight decay, of matrices only", 0.0);
    public readonly Option<double> Beta1 = OptionOf.Number("--adam-beta1", "Decay of AdamW's first moment", 0.9);
    public readonly Option<double> Beta2 = OptionOf.Number("--adam-beta2", "Decay of AdamW's second moment", 0.999);
    public readonly Option<double> Epsilon = OptionOf.Number("--adam-epsilon", "AdamW's epsilon", 1e-8);
    public readonly Option<double> MaxGradientNorm = OptionOf.Number(
        "--max-grad-norm", "Gradient norm to clip to; 0 for no clipping", 1.0);
    public readonly Option<long> Seed = OptionOf.Number("--seed", "Seed of the order of documents", 42L);

    public readonly Option<int?> LoggingSteps = OptionOf.Number<int?>(
        "--logging-steps", "Steps between printed lines (default about 50 lines a run)");
    public readonly Option<string?> SaveType = StoredTypes.Option("float32");

    public readonly Option<string?> LoggingFolder = OptionOf.Text(
        "--logging-dir", "DIR", "Folder of the TensorBoard files (default runs in the output folder)");
    public readonly Option<string[]> ReportTo = new("--report-to")
    {
        HelpName = "tensorboard|none",
        Description = "Whether TensorBoard files are written beside metrics.jsonl",
        DefaultValueFactory = _ => ["tensorboard"],
        AllowMultipleArgumentsPerToken = true,
    };
    public readonly Option<bool> PlanOnly = new("--plan")
    {
        Description = "Show what the run would do, how much memory and time it would take, and stop",
    };

    public readonly Option<string?> TaskName = OptionOf.Text(
        "--task-name", "NAME", "The task, for the agent card; the prompt and question files say all that it decides");

    public readonly Option<string?> DataCache = OptionOf.Text(
        "--data-cache", "DIR|off",
        "Where the rendered data are kept for later runs and other processes (default from 64 MiB of trajectories on, beside the output)");

    public readonly AcceptedOptions Accepted = new();

    /// <summary>The options' names here, by their names in the library.</summary>
    public OptionNames Names
    {
        get
        {
            const string optimizer = nameof(TrainingOptions.Optimizer);
            return Method.AddTo(new OptionNames())
                .Add(nameof(TrainingOptions.Epochs), Epochs)
                .Add(nameof(TrainingOptions.BatchSize), BatchSize)
                .Add(nameof(TrainingOptions.AccumulationSteps), AccumulationSteps)
                .Add(nameof(TrainingOptions.Ranks), "the number of ranks")
                .Add(nameof(TrainingOptions.ZeroStage), Sharding.Zero)
                .Add(nameof(TrainingOptions.OffloadsOptimizer), Sharding.Offload)
                .Add(nameof(TrainingOptions.LearningRate), LearningRate)
                .Add(nameof(TrainingOptions.WarmupRatio), WarmupRatio)
                .Add(nameof(TrainingOptions.WarmupSteps), WarmupSteps)
                .Add($"{optimizer}.{nameof(AdamWOptions.Beta1)}", Beta1)
                .Add($"{optimizer}.{nameof(AdamWOptions.Beta2)}", Beta2)
                .Add($"{optimizer}.{nameof(AdamWOptions.Epsilon)}", Epsilon)
                .Add($"{optimizer}.{nameof(AdamWOptions.WeightDecay)}", WeightDecay)
                .Add(nameof(AdamWOptions.MomentType), Device.MomentType)
                .Add(nameof(RunOptions.PackTokens), PackTokens)
                .Add(nameof(RunOptions.Data), "the trajectories")
                .Add(nameof(RunOptions.OutputFolder), OutputFolder)
                .Add(nameof(RunOptions.Overwrite), Overwrite)
                .Add(nameof(RenderingOptions.MaxLength), Documents.MaxLength)
                .Add($"{nameof(RunOptions.Checkpoints)}.{nameof(CheckpointOptions.Resume)}", Saving.Resume)
                .Add($"{nameof(RunOptions.HeldOut)}.{nameof(HeldOutOptions.Path)}", Evaluation.Path)
                .Add(LoraLimits.Name, "the --lora options")
                .Add(nameof(AdapterMerge), "rebound merge");
        }
    }
}
