using Rebound.Checkpoints.Safetensors;
using Rebound.Cli.Configuration;
using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Documents;
using Rebound.Training.Runs;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>Reads the options of <c>rebound train</c> and reports everything that is wrong with them at once.</summary>
/// <param name="isFirst">Whether this process is the one that writes: others of the same run do not look at the output folder.</param>
internal sealed class TrainSettingsReader(TrainOptions options, CommandContext context, bool isFirst = true)
{
    private const string TensorBoard = "tensorboard";
    private const string NoCache = "off";

    private readonly OptionChecks _checks = new(context);

    /// <summary>All that is wrong so far, for a command that reads options of its own besides.</summary>
    public OptionChecks Checks => _checks;

    /// <exception cref="InputException">Options are wrong; the message has a line for each.</exception>
    public TrainSettings Read()
    {
        var loggingSteps = _checks.AtLeast(options.LoggingSteps, 1);
        var documents = DocumentSettings.Read(options.Documents, context, _checks);
        var training = ReadTraining();
        var packTokens = _checks.AtLeast(options.PackTokens, 1);
        var lora = LoraSettingsReader.Read(options.Lora, context, _checks);
        var heldOut = StepSchedules.Read(options.Evaluation, loggingSteps, context, _checks);
        var resolved = context.Resolved().Where(option => !AcceptedOptions.IsSecret(option.Name)).ToArray();
        var settings = new TrainSettings
        {
            Model = documents.Model,
            Lora = lora,
            QuantizedBase = LoraSettingsReader.ReadQuantized(options.Lora, context),
            Run = new RunOptions
            {
                OutputFolder = context.Require(options.OutputFolder),
                Overwrite = context.Get(options.Overwrite),
                Data = documents.Data,
                Rendering = documents.Rendering,
                DataCache = ReadDataCache(),
                Training = training,
                PackTokens = packTokens,
                HeldOut = heldOut,
                Checkpoints = StepSchedules.Read(options.Saving, context, _checks),
                SaveType = StoredTypes.Chosen(context.Get(options.SaveType)) ?? StoredFloatType.F32,
                Task = context.Get(options.TaskName),
                TensorBoard = context.Require(options.ReportTo).Any(name => name.ToLowerInvariant() is TensorBoard or "all"),
                EventsFolder = context.Get(options.LoggingFolder),
                Record = new RunRecord
                {
                    Options = resolved.ToDictionary(option => option.Name, option => option.Text),
                    AboutTheRunOnly =
                    [
                        "resume", "output-dir", "overwrite-output-dir", "data-cache", "plan", "json",
                        .. options.Sharding.All.Select(option => option.Name.TrimStart('-')),
                    ],
                    OptionsFile = ResolvedOptions.ToYaml(resolved),
                },
            },
            Deterministic = context.Get(options.Device.Deterministic),
            LoggingSteps = loggingSteps,
            PlanOnly = context.Get(options.PlanOnly),
            Options = resolved,
            Json = context.Get(SharedOptions.Json),
            Notes = [.. ReadNotes()],
        };
        if (isFirst)
        {
            CheckOutput(settings);
        }

        _checks.ThrowIfAny();
        return settings;
    }

    /// <summary>The recipe. Two options have a number that stands for none: −1 of steps, 0 of clipping.</summary>
    public TrainingOptions ReadTraining()
    {
        var maxSteps = context.Require(options.MaxSteps);
        if (maxSteps is 0 or < -1)
        {
            _checks.Add($"--max-steps is {maxSteps}; it must be at least 1, or -1 for as many as the epochs take.");
        }

        var clip = _checks.InRange(options.MaxGradientNorm, 0, double.MaxValue);
        var training = new TrainingOptions
        {
            Epochs = context.Require(options.Epochs),
            MaxSteps = maxSteps > 0 ? maxSteps : null,
            BatchSize = context.Require(options.BatchSize),
            AccumulationSteps = context.Require(options.AccumulationSteps),
            ZeroStage = options.Sharding.ReadStage(context, _checks),
            OffloadsOptimizer = options.Sharding.ReadOffload(context),
            RecomputeBlocks = context.Get(options.Device.Recompute),
            LearningRate = context.Require(options.LearningRate),
            Schedule = context.Require(options.Schedule) switch
            {
                "cosine" => ScheduleKind.Cosine,
                "constant" => ScheduleKind.Constant,
                "constant_with_warmup" => ScheduleKind.ConstantWithWarmup,
                _ => ScheduleKind.Linear,
            },
            WarmupRatio = context.Require(options.WarmupRatio),
            WarmupSteps = context.Require(options.WarmupSteps) is not 0 and var steps ? steps : null,
            Seed = context.Require(options.Seed),
            Method = options.Method.Read(context),
            Optimizer = new AdamWOptions
            {
                Beta1 = (float)context.Require(options.Beta1),
                Beta2 = (float)context.Require(options.Beta2),
                Epsilon = (float)context.Require(options.Epsilon),
                WeightDecay = (float)context.Require(options.WeightDecay),
                MomentType = ComputeTypes.Chosen(context.Get(options.Device.MomentType)) ?? DType.Float32,
                MaxGradientNorm = clip > 0 ? (float)clip : float.PositiveInfinity,
            },
        };
        _checks.Add(training.Validate(), options.Names);
        return training;
    }

    private DataCacheOptions ReadDataCache()
    {
        var folder = context.Get(options.DataCache);
        if (folder is null or NoCache)
        {
            return new DataCacheOptions { IsOn = folder is null };
        }

        _checks.WritableFolder(options.DataCache, folder);
        return new DataCacheOptions { Folder = folder };
    }

    private IEnumerable<string> ReadNotes()
    {
        var method = TrainingMethods.Find(context.Get(options.Documents.PromptOptions.Method));
        foreach (var note in options.Accepted.Notes(context).Concat(options.Sharding.Notes(context))
            .Concat(options.Method.Unread(method, context)))
        {
            yield return note;
        }

        if (context.Require(options.ReportTo).FirstOrDefault(name =>
            name.ToLowerInvariant() is not (TensorBoard or "all" or "none")) is { } other)
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
        if (settings.Run.EventsFolder is { } logging)
        {
            _checks.WritableFolder(options.LoggingFolder, logging);
        }

        if (!_checks.WritableFolder(options.OutputFolder, settings.Run.OutputFolder))
        {
            return;
        }

        try
        {
            if (!settings.PlanOnly)
            {
                FolderLock.Check(settings.Run.OutputFolder);
            }

            if (settings.Run.Checkpoints.Resume is null)
            {
                new RunFolder(settings.Run.OutputFolder).CheckNew(settings.Run.Overwrite);
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
