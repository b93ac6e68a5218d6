using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Training.Methods;
using Rebound.Training.Metrics;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Checkpoints;

/// <summary>
/// A run's output folder: metrics and checkpoints while it goes on, the trained model's files beside them at the end.
/// </summary>
public sealed class RunFolder
{
    /// <summary>The options of the run, as a file that the command line reads.</summary>
    public const string OptionsFileName = "options.yml";

    private const string EventsFolderName = "runs";

    public RunFolder(string path)
    {
        Location = Path.TrimEndingDirectorySeparator(path);
        Checkpoints = new CheckpointStore(Location);
    }

    /// <summary>The folder, as it was given.</summary>
    public string Location { get; }

    public CheckpointStore Checkpoints { get; }

    public string LossMaskPath => Path.Combine(Location, LossMaskReport.FileName);

    public string OptionsPath => Path.Combine(Location, OptionsFileName);

    /// <summary>The losses that a method compares with.</summary>
    public string BaselinePath => Path.Combine(Location, BaselineFile.FileName);

    public string MetricsPath => Path.Combine(Location, MetricsLog.FileName);

    /// <summary>The default folder of TensorBoard's files.</summary>
    public string EventsFolder => Path.Combine(Location, EventsFolderName);

    /// <summary>Whether a trained model is here, whole.</summary>
    public bool HoldsModel => ModelPublication.IsIn(Location);

    /// <summary>Checks that a run could be written here, so that it fails before it starts.</summary>
    /// <param name="overwrite">Whether a model and checkpoints that are there may be replaced.</param>
    /// <exception cref="IOException">Something is there that is not a run's, or a run's that may not be replaced.</exception>
    public void CheckNew(bool overwrite)
    {
        if (File.Exists(Location))
        {
            throw new IOException($"{Location} is a file; a run needs a folder.");
        }

        var entries = Directory.Exists(Location) ? Directory.EnumerateFileSystemEntries(Location).Select(Path.GetFileName).ToArray() : [];
        var (model, checkpoints) = (HoldsModel, Checkpoints.Folders.Count);
        if ((model || checkpoints > 0) && !overwrite)
        {
            var what = model ? "a model" : checkpoints == 1 ? "a checkpoint of a run" : $"{checkpoints} checkpoints of a run";
            throw new IOException($"{Location} holds {what} already; choose another folder, or ask to overwrite it or to resume.");
        }

        if (!model && checkpoints == 0 && entries.FirstOrDefault(name => !IsOfARun(name!)) is { } foreign)
        {
            throw new IOException($"{Location} holds {foreign}, which is not a run's; choose another folder.");
        }
    }

    /// <summary>Creates the folder if necessary, and locks it until the result is disposed.</summary>
    /// <exception cref="IOException">Another run is at work there.</exception>
    public FolderLock Take()
    {
        Directory.CreateDirectory(Location);
        var taken = FolderLock.Take(Location);
        try
        {
            ModelPublication.Finish(Location);
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Prepares the folder for a run from its first step: an earlier run's checkpoints and metrics are deleted.</summary>
    public void Begin()
    {
        Checkpoints.Clear();
        File.Delete(MetricsPath);
    }

    /// <summary>
    /// Prepares the folder for resuming from a checkpoint: metrics after it are removed. If the checkpoint is in another folder, the
    /// checkpoints here belong to another run and are deleted.
    /// </summary>
    public void Continue(string checkpoint)
    {
        WholeFile.Copy(Path.Combine(checkpoint, MetricsLog.FileName), MetricsPath);
        if (Holds(checkpoint))
        {
            Checkpoints.DeleteUnfinished();
        }
        else
        {
            Checkpoints.Clear();
        }
    }

    /// <summary>Whether a checkpoint is one of this folder.</summary>
    public bool Holds(string checkpoint) =>
        Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint))) == Path.GetFullPath(Location);

    /// <summary>Bytes of the metrics so far.</summary>
    public long MetricsBytes => new FileInfo(MetricsPath) is { Exists: true } file ? file.Length : 0;

    /// <summary>Copies the first metrics into a checkpoint.</summary>
    /// <param name="bytes">As many as there were when it was begun (<see cref="MetricsBytes"/>).</param>
    public void CopyMetrics(string checkpoint, long bytes)
    {
        using var source = new FileStream(MetricsPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        WholeFile.Write(Path.Combine(checkpoint, MetricsLog.FileName), target =>
        {
            source.CopyTo(target);
            target.SetLength(bytes);
        });
    }

    /// <summary>Puts the trained model's files into the folder, beside the run's own (<see cref="ModelPublication"/>).</summary>
    /// <param name="write">Writes the files into the folder it is given, each flushed to the disk.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Publish(Action<string> write) => ModelPublication.Publish(Location, write);

    /// <summary>Whether a file belongs to a run that ended before its first checkpoint, so that another may overwrite it.</summary>
    private static bool IsOfARun(string name) =>
        name is MetricsLog.FileName or LossMaskReport.FileName or OptionsFileName or EventsFolderName or BaselineFile.FileName
        || name.StartsWith('.');
}
