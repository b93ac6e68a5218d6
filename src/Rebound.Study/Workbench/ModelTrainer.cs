using Rebound.Engine;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Training.Checkpoints;
using Rebound.Training.Runs;

namespace Rebound.Study.Workbench;

/// <summary>
/// Trains models into folders on one device, each once: a folder with the model of the same run is left as it is, one with a checkpoint
/// of it is resumed from there, and what a run left that came to neither is taken away.
/// </summary>
/// <param name="backend">Stays the caller's to dispose of.</param>
public sealed class ModelTrainer(Backend backend)
{
    /// <summary>The description of a folder's run; hidden, as a run's folder may hold nothing else that is not a run's.</summary>
    private const string DescriptionName = ".rebound.training.json";

    /// <summary>Opens a second backend on the same GPU (<see cref="RunHost.OpenAnother"/>); null for none.</summary>
    public Func<Backend>? OpenAnother { get; init; }

    /// <summary>
    /// Held from the first step to the model, where several train on one device: steps leave nothing of it to others. Null for none.
    /// </summary>
    public SemaphoreSlim? Turn { get; init; }

    /// <summary>Measures steps.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether a folder holds a trained model, of whatever run.</summary>
    public static bool IsTrained(string folder) => new RunFolder(folder).HoldsModel;

    /// <summary>Trains the model, unless its folder holds it.</summary>
    /// <param name="options">
    /// The run's. <see cref="RunOptions.Overwrite"/> and <see cref="CheckpointOptions.Resume"/> are chosen here, and
    /// <see cref="Trajectories.Selection.DatasetOptions.Only"/> must be null, as no file can tell what it chose.
    /// </param>
    /// <param name="open">Opens the model to start from; its weights are not read where there is nothing to train.</param>
    /// <returns>The run's end; null where the model was there.</returns>
    /// <exception cref="DataException">The folder holds a model or a checkpoint of another run; the message names what differs.</exception>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; a checkpoint was saved if <see cref="CheckpointOptions.SavesWhenStopped"/> says so.
    /// </exception>
    /// <exception cref="IOException">Another run is at work in the folder, or what is there was not trained by this class.</exception>
    /// <inheritdoc cref="TrainingRun.Train" path="/exception"/>
    public RunResult? Train(
        RunOptions options, Func<StartingModel> open, ITrainingObserver? observer = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var folder = new RunFolder(options.OutputFolder);
        using var start = open();
        using (folder.Take())
        {
            Describe(folder, options, start);
        }

        if (folder.HoldsModel)
        {
            return null;
        }

        var host = new RunHost(backend) { OpenAnother = OpenAnother, Time = Time };
        var run = TrainingRun.Prepare(
            options with
            {
                Overwrite = true,
                Checkpoints = options.Checkpoints with
                {
                    Resume = folder.Checkpoints.Folders.Count > 0 ? CheckpointOptions.Newest : null,
                },
            },
            start, observer is null ? host : host with { Observer = observer }, cancellation);
        Turn?.Wait(cancellation);
        try
        {
            var result = run.Train(cancellation);
            return result.IsStopped ? throw new OperationCanceledException(cancellation) : result;
        }
        finally
        {
            Turn?.Release();
        }
    }

    /// <summary>Sees that the folder is this run's, and without what a run left that came to no checkpoint.</summary>
    private void Describe(RunFolder folder, RunOptions options, StartingModel start)
    {
        var path = Path.Combine(folder.Location, DescriptionName);
        var description = TrainingDescription.Of(options, start, backend);
        if (!File.Exists(path))
        {
            folder.CheckNew(overwrite: false);
        }
        else if (folder.HoldsModel || folder.Checkpoints.Folders.Count > 0)
        {
            RunDescription.Keep(path, description);
        }
        else
        {
            TakeAway(folder);
        }

        WholeFile.WriteJson(path, description);
    }

    /// <summary>Deletes what is in the folder, but for what is hidden: its lock and its description.</summary>
    private static void TakeAway(RunFolder folder)
    {
        foreach (var entry in new DirectoryInfo(folder.Location).EnumerateFileSystemInfos().Where(entry => entry.Name[0] != '.').ToArray())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                inner.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }
}
