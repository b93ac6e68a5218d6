using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Files;
using Rebound.Models;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Methods;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>The part of a run that has weights in memory: it measures, trains, saves and publishes.</summary>
internal sealed class RunWork : IDisposable
{
    private readonly RunOptions _options;
    private readonly RunPlan _plan;
    private readonly StartingModel _start;
    private readonly RunHost _host;
    private readonly RankAgreement _ranks;
    private readonly LlamaModel _model;
    private readonly Trainer _trainer;

    /// <summary>Reads the weights, and allocates what training needs.</summary>
    public RunWork(RunOptions options, RunPlan plan, StartingModel start, RunHost host, CancellationToken cancellation)
    {
        (_options, _plan, _start, _host, _ranks) = (options, plan, start, host, host.Agreement);
        _model = Load(cancellation);
        try
        {
            _trainer = new Trainer(
                _model, plan.Steps, plan.Training, host.Time, host.Ranks, Math.Max(1, Environment.ProcessorCount / _ranks.OnThisHost()));
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    /// <summary>Times the largest batch, and reports the expected duration.</summary>
    public StepTiming Measure()
    {
        var timing = _trainer.Measure();
        _host.Observer.Ended(RunPhase.LargestBatch);
        var first = _plan.FirstStep;
        var expected = timing.Expected(_plan.Steps.TokensFrom(first), _plan.Steps.TotalSteps - first + 1);
        _host.Observer.Measured(timing, expected + (first == 1 ? timing.ExpectedForward(_plan.BaselineTokens) : TimeSpan.Zero));
        return timing;
    }

    /// <summary>Runs the steps that are left, and publishes the model after the last.</summary>
    /// <param name="identity">The settings that determine the result.</param>
    /// <param name="stop">Asks for an end after the step that is being run.</param>
    public RunResult Run(RunFolder folder, SortedDictionary<string, string> identity, CancellationToken stop)
    {
        Begin(folder);
        var baseline = _plan.Data.Learning.Baseline == BaselineKind.None
            ? null
            : Compare(new RunBaseline(_plan, folder, identity, _host), stop);
        try
        {
            return Run(folder, identity, baseline, stop);
        }
        finally
        {
            baseline?.Dispose();
        }
    }

    public void Dispose()
    {
        _trainer.Dispose();
        _model.Dispose();
    }

    /// <param name="baseline">Let go of before the model is published, which takes the file away.</param>
    private RunResult Run(RunFolder folder, SortedDictionary<string, string> identity, BaselineFile? baseline, CancellationToken stop)
    {
        var heldOut = _plan.Data.HeldOut.Count > 0
            ? new HeldOutLoss(_model, _plan.Data.HeldOut, _plan.Training.PackTokens, _host.Time, _host.Ranks)
            : null;
        var first = _trainer.CompletedSteps + 1;
        using var metrics = _ranks.IsFirst ? new RunMetrics(_options, folder, first, _host.Time) : null;
        _host.Observer.Began(first, _plan.Steps.TokensFrom(first));
        var model = new TrainedWriter(_options, _plan, _start, _model, _trainer, _host);
        using var saving = new CheckpointSaving(_options, _plan, folder, identity, _trainer, model, _host);
        var loop = new RunLoop(_options, _plan.Steps, _trainer, heldOut, metrics, saving, _host)
        {
            Best = _plan.Resumption?.State.BestHeldOut,
        };
        loop.Run(stop);
        baseline?.Dispose();
        if (_trainer.CompletedSteps == _plan.Steps.TotalSteps)
        {
            new SharedWriting(_host.Ranks).Write(Publish, path => model.Write(path, _options.SaveType));
        }

        return new RunResult(
            loop.Steps, _trainer.CompletedSteps, _plan.Steps.TotalSteps, loop.Best, loop.Saved,
            _host.Backend.PeakBytes ?? ProcessMemory.PeakBytes);

        string Publish(Action<string> write)
        {
            folder.Publish(write);
            return folder.Location;
        }
    }

    /// <summary>Reads the weights, and has a GPU's kernels compiled meanwhile where this machine has not used them yet.</summary>
    private LlamaModel Load(CancellationToken cancellation)
    {
        var warmUp = _host.OpenAnother is { } open ? Task.Run(() => WarmUp(open), CancellationToken.None) : Task.CompletedTask;
        try
        {
            var model = _start.Load(
                _host.Backend, _plan.Resumption?.Folder, _plan.Training.Seed, _host.Part, _plan.Training.WeightStorage,
                _plan.Training.OffloadsOptimizer, cancellation);
            _host.Observer.Ended(RunPhase.Weights);
            return model;
        }
        finally
        {
            warmUp.GetAwaiter().GetResult();
            _host.Observer.Ended(RunPhase.Kernels);
        }
    }

    private void WarmUp(Func<Backend> open)
    {
        try
        {
            using var backend = open();
            KernelWarmUp.Run(backend, _plan.Config, _plan.Adapter?.Settings, _plan.Training.Optimizer);
        }
        catch (Exception e) when (e is CudaException or InsufficientMemoryException or PlatformNotSupportedException)
        {
            // The run itself comes upon it, if it is more than a lack of room for two, and says so.
        }
    }

    /// <summary>Gives the trainer the losses that its method compares with.</summary>
    private BaselineFile Compare(RunBaseline baseline, CancellationToken stop)
    {
        if (!baseline.AreKept())
        {
            using var start = _plan.Resumption is null ? null : _start.Load(
                _host.Backend, checkpoint: null, _plan.Training.Seed, _host.Part, _plan.Training.WeightStorage,
                _plan.Training.OffloadsOptimizer, stop);
            using var schedule = start is null || _host.Ranks is null
                ? null
                : new ZeroSchedule(_host.Ranks, start.Trainable, gradients: null);
            start?.Schedule = schedule;
            baseline.Compute(start ?? _model, stop);
        }

        var losses = baseline.Open();
        _trainer.Compare(losses.Baseline);
        return losses;
    }

    private void Begin(RunFolder folder)
    {
        if (_plan.Resumption is { } resumption)
        {
            _trainer.RestoreState(resumption.Folder, resumption.State.Step);
        }

        if (!_ranks.IsFirst)
        {
            return;
        }

        if (_plan.Resumption is { Folder: var from })
        {
            folder.Continue(from);
        }
        else
        {
            folder.Begin();
        }

        if (_options.Record.LossMask)
        {
            WholeFile.WriteJson(folder.LossMaskPath, _plan.LossMask.ToJson());
        }

        if (_options.Record.OptionsFile is { } text)
        {
            WholeFile.WriteText(folder.OptionsPath, text);
        }
    }
}
