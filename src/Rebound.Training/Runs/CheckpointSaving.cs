using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>
/// Saves a run's checkpoints, one at a time: from a copy in host memory, on a thread of its own, while training goes on; or before it goes
/// on, where there is no room for a copy.
/// </summary>
/// <param name="identity">The settings that determine the result.</param>
/// <param name="model">Writes what was trained, with a copy of it in its place where there is one.</param>
internal sealed class CheckpointSaving(
    RunOptions options, RunPlan plan, RunFolder folder, SortedDictionary<string, string> identity, Trainer trainer, TrainedWriter model,
    RunHost host) : IDisposable
{
    private readonly RankAgreement _ranks = host.Agreement;
    private TensorSnapshot? _weights;
    private TensorSnapshot[]? _moments;
    private SharedSave? _underWay;
    private int _step;

    /// <summary>Saves the checkpoint of the step that has just been run, or begins to.</summary>
    /// <param name="goesOn">Whether training does, so that a copy is worth its time.</param>
    /// <returns>The checkpoint, where it is whole.</returns>
    /// <exception cref="TrainingException">It could not be written.</exception>
    public SavedCheckpoint? Save(int step, BestHeldOut? best, bool goesOn)
    {
        _step = step;
        return Told(() =>
        {
            var record = new TrainerState
            {
                Step = step,
                TotalSteps = plan.Steps.TotalSteps,
                Epoch = plan.Steps.EpochAfter(step),
                BestHeldOut = best,
                Run = identity,
                Options = new(options.Record.Options.ToDictionary(), StringComparer.Ordinal),
            };
            var metrics = _ranks.IsFirst ? folder.MetricsBytes : 0;
            if (!goesOn || plan.Memory.Snapshot == 0)
            {
                return new SharedWriting(host.Ranks).Write(Publish, path =>
                {
                    model.Write(path, StoredFloatType.F32);
                    WriteRest(path, record, metrics, [.. trainer.Moments.Select(moment => ParameterShard.SourceOf(moment.Moment))]);
                });
            }

            TakeCopy();
            _underWay = new SharedSave(host.Ranks, Publish, path =>
            {
                if (_ranks.IsFirst)
                {
                    model.Write(path, _weights!, StoredFloatType.F32, step);
                }

                WriteRest(path, record, metrics, _moments!);
            });
            return null;
        });
    }

    /// <summary>Sees whether a checkpoint that is being written is whole by now.</summary>
    /// <param name="waits">Whether to wait until it is.</param>
    /// <returns>The checkpoint; null where there is none, or it is not whole yet.</returns>
    /// <exception cref="TrainingException">It could not be written.</exception>
    public SavedCheckpoint? Look(bool waits) => _underWay is not { } save ? null : Told(() =>
    {
        try
        {
            var place = save.Look(waits);
            _underWay = place is null ? save : null;
            return place;
        }
        catch
        {
            // Whatever ended the meeting: what waits for the other ranks waits in vain.
            save.Abandon();
            _underWay = null;
            throw;
        }
    });

    public void Dispose()
    {
        _underWay?.Abandon();
        _weights?.Dispose();
        Array.ForEach(_moments ?? [], moment => moment.Dispose());
    }

    private SavedCheckpoint? Told(Func<string?> save)
    {
        try
        {
            return save() is { } place ? new SavedCheckpoint(_step, place) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"The checkpoint of step {_step} could not be written: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Copies what is trained, on rank 0, and this rank's moments.</summary>
    private void TakeCopy()
    {
        model.Read(source =>
        {
            _weights ??= new TensorSnapshot(source);
            _weights.Take(source);
        });
        ITensorSource[] moments = [.. trainer.Moments.Select(moment => ParameterShard.SourceOf(moment.Moment))];
        _moments ??= [.. moments.Select(source => new TensorSnapshot(source))];
        foreach (var (copy, source) in _moments.Zip(moments))
        {
            copy.Take(source);
        }
    }

    private string Publish(Action<string> write)
    {
        var place = folder.Checkpoints.Save(_step, write);
        if (options.Checkpoints.KeepNewest is { } count)
        {
            folder.Checkpoints.KeepNewest(count, _step);
        }

        return place;
    }

    private void WriteRest(string path, TrainerState state, long metrics, IReadOnlyList<ITensorSource> moments)
    {
        foreach (var ((name, moment), source) in trainer.Moments.Zip(moments))
        {
            ParameterShard.Write(path, name, moment, source);
        }

        if (_ranks.IsFirst)
        {
            folder.CopyMetrics(path, metrics);
            state.Write(path);
        }
    }
}
