using System.Globalization;
using Rebound.Checkpoints;
using Rebound.Files;

namespace Rebound.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: folders <c>checkpoint-N</c> in its output folder, each whole or absent. One is written under
/// a hidden name with its manifest, flushed and renamed, and one is hidden again before it is deleted; so whatever ends
/// the process at whatever instant, the newest folder whose manifest holds can be resumed from.
/// </summary>
/// <param name="runFolder">The run's output folder.</param>
public sealed class CheckpointStore(string runFolder)
{
    private const string Prefix = "checkpoint-";

    /// <summary>Folders that are named like checkpoints, oldest first; whether they are whole is not looked at.</summary>
    public IReadOnlyList<string> Folders => !Directory.Exists(runFolder)
        ? []
        : [.. Directory.EnumerateDirectories(runFolder, Prefix + "*")
            .Select(folder => (Folder: folder, Step: StepOf(folder)))
            .Where(found => found.Step is not null)
            .OrderBy(found => found.Step)
            .Select(found => found.Folder)];

    /// <summary>The newest checkpoint whose manifest holds, or null.</summary>
    /// <param name="onDamaged">Told of newer folders that do not count, and why.</param>
    public string? NewestWhole(Action<CheckpointException>? onDamaged = null)
    {
        foreach (var folder in Folders.Reverse())
        {
            try
            {
                CheckpointManifest.Verify(folder);
                return folder;
            }
            catch (CheckpointException exception)
            {
                onDamaged?.Invoke(exception);
            }
        }

        return null;
    }

    /// <summary>Writes the checkpoint of a step and returns its folder. One of the same step is replaced when this one is whole.</summary>
    /// <param name="write">Writes the files into the folder it is given, each flushed to the disk.</param>
    /// <exception cref="IOException">The disk refuses; nothing of the checkpoint is left, and one that was there before stays.</exception>
    public string Save(int step, Action<string> write)
    {
        var folder = Path.Combine(runFolder, $"{Prefix}{step}");
        WholeFolder.Write(folder, partial =>
        {
            write(partial);
            CheckpointManifest.Write(partial, step);
        });
        return folder;
    }

    /// <summary>
    /// Deletes checkpoints up to a step but for the newest of them, and those up to there that have no manifest. Later ones,
    /// which a run that went on from an earlier one comes to again, stay.
    /// </summary>
    /// <param name="step">The step of the newest one that counts: usually the one that was just saved.</param>
    public void KeepNewest(int count, int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var passed = Folders.Where(folder => StepOf(folder) <= step).ToArray();
        var kept = passed.Where(folder => File.Exists(Path.Combine(folder, CheckpointManifest.FileName))).TakeLast(count);
        foreach (var folder in passed.Except(kept))
        {
            WholeFolder.Delete(folder);
        }
    }

    /// <summary>Deletes what a process that was killed left of a checkpoint that it had not finished, or not finished deleting.</summary>
    public void DeleteUnfinished()
    {
        if (!Directory.Exists(runFolder))
        {
            return;
        }

        WholeFolder.CleanUp(runFolder, Prefix + "*");
    }

    /// <summary>Deletes every checkpoint.</summary>
    public void Clear()
    {
        DeleteUnfinished();
        foreach (var folder in Folders)
        {
            WholeFolder.Delete(folder);
        }
    }

    /// <summary>The step of a checkpoint's folder by its name; null for a folder that is named otherwise.</summary>
    public static int? StepOf(string folder)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? step
                : null;
    }
}
