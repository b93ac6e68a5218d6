using Rebound.Cli.Configuration;
using Rebound.Cli.Data;
using Rebound.Cli.Machine;
using Rebound.Cli.Models;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Files;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Train;

/// <summary>A run of <c>rebound train</c>: everything that can fail early does so before the weights are read.</summary>
internal sealed class TrainRun : IDisposable
{
    private readonly TrainSettings _settings;
    private readonly CommandContext _context;
    private readonly ModelSource _source;
    private readonly Backend _backend;
    private readonly string? _deviceNote;
    private readonly Func<Backend>? _openAnother;
    private readonly RunFolder _run;
    private readonly RunData _data;
    private readonly MaskCertificate _certificate;
    private readonly TrainingPlan _plan;
    private readonly TrainedModel _model;
    private readonly SortedDictionary<string, string> _identity;
    private readonly Resumption? _resumption;
    private readonly StartClock _clock;

    private TrainRun(TrainSettings settings, CommandContext context, ModelSource source, OpenedDevice device, StartClock clock)
    {
        (_context, _clock) = (context, clock);
        _source = source;
        (_backend, _deviceNote) = device;
        _openAnother = device.OpenAnother;
        _run = new RunFolder(settings.OutputFolder);
        _data = RunData.Load(settings, TextSource.Of(source), context.Interrupted);
        _certificate = _data.Certificate(source.Tokenizer);
        clock.Ended("data");
        _model = new TrainedModel(settings, source, _data);
        _resumption = Resumption.Find(settings.Saving.Resume, _run, context.Terminal);
        _settings = settings with { Training = settings.Training with { PackTokens = PackTokens(settings) } };
        _plan = new TrainingPlan(_data.Training, _settings.Training);
        _identity = RunIdentity.Of(_settings.Training, _data.Training, _data.HeldOut, _model.Identity(), _backend.ElementType);
        _resumption?.Check(_identity, settings.Options);
        CheckFolder();
        clock.Ended("plan");
    }

    /// <summary>What was asked for, or what the run had that is resumed, or what the device has room for.</summary>
    private int PackTokens(TrainSettings settings) => settings.PackTokens ?? _resumption?.PackTokens ?? MicroBatch.TokensThatFit(
        _backend, _source.Config, _model.Adapter, settings.Training, holdsOut: _data.HeldOut.Count > 0);

    /// <summary>Opens the model, reads and renders the data, and plans the steps.</summary>
    public static TrainRun Prepare(TrainSettings settings, CommandContext context)
    {
        var clock = new StartClock();
        var device = Devices.Open(context, deterministic: settings.Deterministic);
        clock.Ended("device");
        ModelSource? source = null;
        try
        {
            if (settings.Training.Optimizer.MomentType == DType.BFloat16 && device.Backend.IsHostMemory)
            {
                throw new InputException("--moments-dtype bfloat16 needs a GPU; the CPU keeps moments in float32.");
            }

            source = ModelSource.Open(settings.Model);
            context.Terminal.Warn(source.Warnings);
            return new TrainRun(settings, context, source, device, clock);
        }
        catch
        {
            source?.Dispose();
            device.Backend.Dispose();
            throw;
        }
    }

    /// <summary>A run that goes on in its own folder finds its own files there; any other must not find another's.</summary>
    private void CheckFolder()
    {
        try
        {
            if (_resumption is null || !_run.Holds(_resumption.Folder))
            {
                _run.CheckNew(_settings.Overwrite);
            }
        }
        catch (IOException e)
        {
            throw new InputException($"--output-dir: {e.Message} (--overwrite-output-dir)", e);
        }
    }

    /// <summary>Two runs that write into one folder would leave neither's model; one that ended since the folder was looked at left its own.</summary>
    private FolderLock TakeFolder()
    {
        try
        {
            var held = _run.Take();
            CheckFolder();
            return held;
        }
        catch (IOException e)
        {
            throw new InputException($"--output-dir: {e.Message}", e);
        }
    }

    /// <summary>Shows the plan, trains, and writes the model.</summary>
    public int Execute()
    {
        var heldOutBatch = HeldOutLoss.LargestBatch(_data.HeldOut, _settings.Training.PackTokens);
        var memory = MemoryPlan.Of(
            _backend, _source.Config, _model.Adapter, _settings.Training, _plan.LargestBatch, heldOutBatch, ProcessMemory.CurrentBytes);
        var disk = DiskPlan.Of(_settings, _plan, memory);
        var view = new PlanView(
            _settings, _source.Config, _model.Adapter, _backend.Description, _data, _certificate, _plan, memory, disk, _resumption);
        if (_context.Terminal.Verbose)
        {
            Show(_settings.Options.Select(option => $"Option    {option.Name} = {option.Text} ({option.Origin})"));
        }

        Show([.. _deviceNote is null ? [] : new[] { _deviceNote }, .. view.Lines()]);
        view.CheckMemory();
        using var held = _settings.PlanOnly ? null : TakeFolder();
        using var model = LoadModel();
        using var trainer = new Trainer(model, _plan, _settings.Training, TimeProvider.System);
        var timing = trainer.Measure();
        _clock.Ended("largest batch");
        var first = (_resumption?.State.Step ?? 0) + 1;
        var expected = timing.Expected(_plan.TokensFrom(first), _plan.TotalSteps - first + 1);
        Show([PlanView.Time(timing, expected)]);
        if (_settings.Json)
        {
            _context.Terminal.Tell(PlanJson.Of(_settings, _model.Adapter, _backend.Description, _data, _plan, memory, disk, timing, expected));
        }

        if (_settings.PlanOnly)
        {
            _context.Terminal.Note("Nothing was written; the same command without --plan begins.");
            return ExitCode.Done;
        }

        var end = Train(model, trainer);
        return end.Report(_context.Terminal);
    }

    public void Dispose()
    {
        _source.Dispose();
        _backend.Dispose();
    }

    /// <summary>The plan is the result when nothing else was asked for, and a note on the way otherwise.</summary>
    private void Show(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (_settings.PlanOnly && !_settings.Json)
            {
                _context.Terminal.Output.WriteLine(line);
            }
            else
            {
                _context.Terminal.Note(line);
            }
        }
    }

    /// <summary>Reads the weights, and has a GPU's kernels compiled meanwhile where this machine has not used them yet.</summary>
    private LlamaModel LoadModel()
    {
        var rehearsal = _openAnother is { } open ? Task.Run(() => Rehearse(open)) : Task.CompletedTask;
        try
        {
            var model = _model.Load(_backend, _resumption?.Folder, _context.Interrupted);
            _clock.Ended("weights");
            return model;
        }
        finally
        {
            rehearsal.GetAwaiter().GetResult();
            _clock.Ended("kernels");
        }
    }

    private void Rehearse(Func<Backend> open)
    {
        try
        {
            using var backend = open();
            Rehearsal.Run(backend, _source.Config, _model.Adapter?.Settings, _settings.Training.Optimizer);
        }
        catch (Exception e) when (e is CudaException or InsufficientMemoryException or PlatformNotSupportedException)
        {
            // The run itself comes upon it, if it is more than a lack of room for two, and says so.
        }
    }

    private void TellStart()
    {
        _clock.Ended("first step");
        if (_context.Terminal.Verbose)
        {
            _context.Terminal.Note(_clock.Line());
        }
    }

    private RunEnd Train(LlamaModel model, Trainer trainer)
    {
        using var saving = _context.Interruption.Saving();
        try
        {
            Begin(trainer);
            var heldOut = _data.HeldOut.Count > 0
                ? new HeldOutLoss(model, _data.HeldOut, _settings.Training.PackTokens, TimeProvider.System)
                : null;
            using var log = new RunLog(
                _settings, _run, _plan, _context.Terminal, trainer.CompletedSteps + 1, _plan.TokensFrom(trainer.CompletedSteps + 1));
            var loop = new TrainLoop(_settings, _run, _plan, trainer, heldOut, log, _context.Interrupted)
            {
                Best = _resumption?.State.BestHeldOut,
                AfterFirst = TellStart,
            };
            using var interruption = _context.Interrupted.Register(() => _context.Terminal.Note(
                "Interrupted: ending this step, then saving a checkpoint. Ctrl-C again ends at once and saves nothing."));
            loop.Run(folder => WriteCheckpoint(folder, model, trainer, loop));
            if (trainer.CompletedSteps == _plan.TotalSteps)
            {
                _run.Publish(folder => WriteModel(folder, model, trainer, _settings.SaveType));
            }

            return new RunEnd(_settings, _plan, loop.Steps, trainer.CompletedSteps, loop.Best, loop.Saved, _backend.PeakBytes ?? ProcessMemory.PeakBytes);
        }
        catch (Exception e) when (e is TrainingException or IOException)
        {
            throw new TrainingException($"{e.Message} {Rescue(e)}", e);
        }
    }

    /// <summary>What is left of a run that failed, and how to go on from it.</summary>
    private string Rescue(Exception failure) => (_run.Checkpoints.NewestWhole(), failure) switch
    {
        (null, _) => "No checkpoint had been saved.",
        ({ } newest, IOException or { InnerException: IOException }) => $"{newest} is whole: the same command with --resume auto goes on from there.",
        ({ } newest, _) => $"{newest} is whole: a run with other options can start from it with --model {ShellText.Quoted(newest)} and another --output-dir.",
    };

    private void Begin(Trainer trainer)
    {
        if (_resumption is null)
        {
            _run.Begin();
        }
        else
        {
            trainer.RestoreState(_resumption.Folder, _resumption.State.Step);
            _run.Continue(_resumption.Folder);
        }

        JsonFile.Write(_run.CertificatePath, _certificate.ToJson());
        File.WriteAllText(_run.OptionsPath, ResolvedOptions.ToYaml(_settings.Options));
    }

    private void WriteCheckpoint(string folder, LlamaModel model, Trainer trainer, TrainLoop loop)
    {
        // A run goes on from these weights, so they are not rounded, whatever the model is written as at the end.
        WriteModel(folder, model, trainer, StoredFloatType.F32);
        trainer.SaveState(folder);
        _run.CopyMetrics(folder);
        new TrainerState
        {
            Step = trainer.CompletedSteps,
            TotalSteps = _plan.TotalSteps,
            Epoch = _plan.EpochAfter(trainer.CompletedSteps),
            BestHeldOut = loop.Best,
            Run = _identity,
            Options = new(_settings.Options.ToDictionary(option => option.Name, option => option.Text), StringComparer.Ordinal),
        }.Write(folder);
    }

    private void WriteModel(string folder, LlamaModel model, Trainer trainer, StoredFloatType type) =>
        _model.Write(folder, model, type, trainer.CompletedSteps, _plan.EpochAfter(trainer.CompletedSteps));
}
