using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Models.Checkpoints;
using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Trajectories;

namespace Rebound.Cli.Train;

/// <summary>Reads the options of <c>rebound train</c> and reports everything that is wrong with them at once.</summary>
internal sealed class TrainSettingsReader(TrainOptions options, CommandContext context)
{
    private const string TensorBoard = "tensorboard";

    private readonly OptionChecks _checks = new(context);

    /// <exception cref="InputException">Options are wrong; the message has a line for each.</exception>
    public TrainSettings Read()
    {
        var loggingSteps = _checks.AtLeast(options.LoggingSteps, 1);
        var settings = new TrainSettings
        {
            Documents = DocumentSettings.Read(options.Documents, context, _checks),
            OutputFolder = context.Require(options.OutputFolder),
            Overwrite = context.Get(options.Overwrite),
            TaskName = context.Get(options.TaskName),
            Training = ReadTraining(),
            PackTokens = _checks.AtLeast(options.PackTokens, 1),
            Deterministic = context.Get(options.Device.Deterministic),
            Lora = LoraSettingsReader.Read(options.Lora, context, _checks),
            LoggingSteps = loggingSteps,
            Evaluation = EvaluationSettings.Read(options.Evaluation, loggingSteps, context, _checks),
            Saving = SavingSettings.Read(options.Saving, context, _checks),
            TensorBoard = context.Require(options.ReportTo).Any(name => name.ToLowerInvariant() is TensorBoard or "all"),
            LoggingFolder = context.Get(options.LoggingFolder),
            PlanOnly = context.Get(options.PlanOnly),
            Options = [.. context.Resolved().Where(option => !AcceptedOptions.IsSecret(option.Name))],
            SaveType = StoredTypes.Chosen(context.Get(options.SaveType)) ?? StoredFloatType.F32,
            Json = context.Get(SharedOptions.Json),
            Notes = [.. ReadNotes()],
        };
        CheckOutput(settings);
        _checks.ThrowIfAny();
        return settings;
    }

    private TrainingOptions ReadTraining()
    {
        var maxSteps = context.Require(options.MaxSteps);
        if (maxSteps is 0 or < -1)
        {
            _checks.Add($"--max-steps is {maxSteps}; it must be at least 1, or -1 for as many as the epochs take.");
        }

        var clip = _checks.InRange(options.MaxGradientNorm, 0, double.MaxValue);
        return new TrainingOptions
        {
            Epochs = _checks.InRange(options.Epochs, double.Epsilon, 1e6),
            MaxSteps = maxSteps > 0 ? maxSteps : null,
            BatchSize = _checks.AtLeast(options.BatchSize, 1),
            AccumulationSteps = _checks.AtLeast(options.AccumulationSteps, 1),
            RecomputeBlocks = context.Get(options.Device.Recompute),
            LearningRate = _checks.InRange(options.LearningRate, 0, double.MaxValue),
            Schedule = context.Require(options.Schedule) switch
            {
                "cosine" => ScheduleKind.Cosine,
                "constant" => ScheduleKind.Constant,
                "constant_with_warmup" => ScheduleKind.ConstantWithWarmup,
                _ => ScheduleKind.Linear,
            },
            WarmupRatio = _checks.InRange(options.WarmupRatio, 0, 1),
            WarmupSteps = _checks.AtLeast(options.WarmupSteps, 0) is > 0 and var steps ? steps : null,
            Seed = context.Require(options.Seed),
            Optimizer = new AdamWOptions
            {
                Beta1 = (float)_checks.InRange(options.Beta1, 0, 0.999999),
                Beta2 = (float)_checks.InRange(options.Beta2, 0, 0.999999),
                Epsilon = (float)_checks.InRange(options.Epsilon, 1e-30, 1),
                WeightDecay = (float)_checks.InRange(options.WeightDecay, 0, double.MaxValue),
                MomentType = ComputeTypes.Chosen(context.Get(options.Device.MomentType)) ?? DType.Float32,
                MaxGradientNorm = clip > 0 ? (float)clip : float.PositiveInfinity,
            },
        };
    }

    private IEnumerable<string> ReadNotes()
    {
        foreach (var note in options.Accepted.Notes(context))
        {
            yield return note;
        }

        if (context.Require(options.ReportTo).FirstOrDefault(name => name.ToLowerInvariant() is not (TensorBoard or "all" or "none")) is { } other)
        {
            yield return $"{options.ReportTo.Name} {other}: metrics go to metrics.jsonl, and with tensorboard to its event files.";
        }

        if (context.Require(options.LearningRate) == 0)
        {
            yield return $"{options.LearningRate.Name} is 0: no step changes the model.";
        }

        if (context.Require(options.Schedule) == "constant"
            && (context.Require(options.WarmupRatio) > 0 || context.Require(options.WarmupSteps) > 0))
        {
            yield return "--lr_scheduler_type constant has no warm-up, as in transformers; constant_with_warmup has.";
        }
    }

    private void CheckOutput(TrainSettings settings)
    {
        if (settings.LoggingFolder is { } logging)
        {
            _checks.WritableFolder(options.LoggingFolder, logging);
        }

        if (!_checks.WritableFolder(options.OutputFolder, settings.OutputFolder))
        {
            return;
        }

        try
        {
            if (!settings.PlanOnly)
            {
                FolderLock.Check(settings.OutputFolder);
            }

            if (settings.Saving.Resume is null)
            {
                new RunFolder(settings.OutputFolder).CheckNew(settings.Overwrite);
            }
        }
        catch (FolderInUseException e)
        {
            _checks.Add($"{options.OutputFolder.Name}: {e.Message}");
        }
        catch (IOException e)
        {
            _checks.Add($"{options.OutputFolder.Name}: {e.Message} ({options.Overwrite.Name}, {options.Saving.Resume.Name} auto)");
        }
    }
}
