using System.CommandLine;
using Rebound.Models.Checkpoints;
using Rebound.Training;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>Reads the options of <c>rebound train</c> and reports everything that is wrong with them at once.</summary>
internal sealed class TrainSettingsReader(TrainOptions options, CommandContext context)
{
    private readonly List<string> _problems = [];

    /// <exception cref="InputException">Options are wrong; the message has a line for each.</exception>
    public TrainSettings Read()
    {
        var settings = new TrainSettings
        {
            Model = context.Require(options.Model),
            OutputFolder = context.Require(options.OutputFolder),
            Overwrite = context.Get(options.Overwrite),
            Data = ReadData(),
            Training = ReadTraining(),
            MaxLength = AtLeast(options.MaxLength, 2),
            ExcessLength = context.Require(options.ExcessLength) switch
            {
                "drop" => ExcessLength.Drop,
                "error" => ExcessLength.Error,
                _ => ExcessLength.Truncate,
            },
            LoggingSteps = AtLeast(options.LoggingSteps, 1),
            SaveType = context.Require(options.SaveType) switch
            {
                "bfloat16" => StoredFloatType.BF16,
                "float16" => StoredFloatType.F16,
                _ => StoredFloatType.F32,
            },
            Json = context.Get(SharedOptions.Json),
            Notes = [.. ReadNotes()],
        };
        CheckOutput(settings);
        return _problems.Count == 0 ? settings : throw new InputException(string.Join('\n', _problems));
    }

    private DatasetOptions ReadData()
    {
        if (context.Get(options.PositivePath) is null && context.Get(options.NegativePath) is null)
        {
            _problems.Add("--pos-path or --neg-path is needed: there is nothing to train on.");
        }

        Option<string?>[] together = [options.PromptPath, options.Template, options.QuestionPath];
        var missing = together.Where(option => context.Get(option) is null).ToArray();
        if (missing.Length is 1 or 2)
        {
            var names = string.Join(" and ", missing.Select(option => option.Name));
            var verb = missing.Length == 1 ? "is" : "are";
            _problems.Add($"--prompt-path, --template and --question-path go together; {names} {verb} missing.");
        }

        return new DatasetOptions
        {
            PositivePath = ExistingFile(options.PositivePath),
            NegativePath = ExistingFile(options.NegativePath),
            PositiveCount = AtLeast(options.PositiveCount, 0),
            NegativeCount = AtLeast(options.NegativeCount, 0),
            QuestionPath = ExistingFile(options.QuestionPath),
            PromptPath = ExistingFile(options.PromptPath),
            Template = context.Get(options.Template),
            SkipBadRows = context.Require(options.OnBadRow) == "skip",
        };
    }

    private TrainingOptions ReadTraining()
    {
        var maxSteps = context.Require(options.MaxSteps);
        if (maxSteps is 0 or < -1)
        {
            _problems.Add($"--max-steps is {maxSteps}; it must be at least 1, or -1 for as many as the epochs take.");
        }

        var clip = InRange(options.MaxGradientNorm, 0, double.MaxValue);
        return new TrainingOptions
        {
            Epochs = InRange(options.Epochs, double.Epsilon, 1e6),
            MaxSteps = maxSteps > 0 ? maxSteps : null,
            BatchSize = AtLeast(options.BatchSize, 1),
            AccumulationSteps = AtLeast(options.AccumulationSteps, 1),
            PackTokens = AtLeast(options.PackTokens, 1),
            LearningRate = InRange(options.LearningRate, 0, double.MaxValue),
            Schedule = context.Require(options.Schedule) switch
            {
                "cosine" => ScheduleKind.Cosine,
                "constant" => ScheduleKind.Constant,
                "constant_with_warmup" => ScheduleKind.ConstantWithWarmup,
                _ => ScheduleKind.Linear,
            },
            WarmupRatio = InRange(options.WarmupRatio, 0, 1),
            WarmupSteps = AtLeast(options.WarmupSteps, 0) is > 0 and var steps ? steps : null,
            Seed = context.Require(options.Seed),
            Optimizer = new AdamWOptions
            {
                Beta1 = (float)InRange(options.Beta1, 0, 0.999999),
                Beta2 = (float)InRange(options.Beta2, 0, 0.999999),
                Epsilon = (float)InRange(options.Epsilon, 1e-30, 1),
                WeightDecay = (float)InRange(options.WeightDecay, 0, double.MaxValue),
                MaxGradientNorm = clip > 0 ? (float)clip : float.PositiveInfinity,
            },
        };
    }

    private IEnumerable<string> ReadNotes()
    {
        if (context.Get(options.BFloat16))
        {
            yield return "--bf16: the CPU computes in fp32; --save-dtype bfloat16 writes bf16 weights.";
        }

        if (context.Get(options.TaskName) is { } task)
        {
            yield return $"--task_name {task}: the prompt and question files say all that the task decides.";
        }

        if (context.Get(options.DeepSpeed) is not null)
        {
            yield return "--deepspeed: one device needs no sharding; the file is not read.";
        }

        if (context.Get(options.SaveStrategy) is { } saving && saving != "no")
        {
            yield return $"--save_strategy {saving}: the model is written once, at the end.";
        }

        if (context.Require(options.Schedule) == "constant"
            && (context.Require(options.WarmupRatio) > 0 || context.Require(options.WarmupSteps) > 0))
        {
            yield return "--lr_scheduler_type constant has no warm-up, as in transformers; constant_with_warmup has.";
        }
    }

    private void CheckOutput(TrainSettings settings)
    {
        try
        {
            HuggingFaceFolder.CheckTarget(settings.OutputFolder, settings.Overwrite);
        }
        catch (IOException e)
        {
            _problems.Add($"--output-dir: {e.Message}{(settings.Overwrite ? "" : " (--overwrite-output-dir)")}");
        }
    }

    private string? ExistingFile(Option<string?> option)
    {
        var path = context.Get(option);
        if (path is not null && !File.Exists(path))
        {
            _problems.Add($"{option.Name} {path} does not exist.");
        }

        return path;
    }

    private int? AtLeast(Option<int?> option, int least)
    {
        var value = context.Get(option);
        if (value < least)
        {
            _problems.Add($"{option.Name} is {value}; it must be at least {least}.");
        }

        return value;
    }

    private int AtLeast(Option<int> option, int least)
    {
        var value = context.Require(option);
        if (value < least)
        {
            _problems.Add($"{option.Name} is {value}; it must be at least {least}.");
        }

        return value;
    }

    private double InRange(Option<double> option, double least, double most)
    {
        var value = context.Require(option);
        if (!(value >= least && value <= most))
        {
            var allowed = (least, most) switch
            {
                (double.Epsilon, _) => "above 0",
                (_, double.MaxValue) => $"at least {least}",
                _ => $"from {least} to {most}",
            };
            _problems.Add($"{option.Name} is {value}; it must be {allowed}.");
        }

        return value;
    }
}
