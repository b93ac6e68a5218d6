using Rebound.Files;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;
using Rebound.Trajectories.Storage;

namespace Rebound.Training.Documents;

/// <summary>
/// Rendered data in files of a folder, each named by the fingerprint of what it depends on. One process renders and writes a file, others
/// that want the same wait for it; all map it. A file that is damaged is made anew.
/// </summary>
/// <param name="folder">Made where it is not there.</param>
/// <param name="leastBytes">Bytes of trajectories below which nothing is kept.</param>
/// <param name="note">Told in a sentence what is written, waited for, made anew, or not to be had.</param>
public sealed class DataCache(string folder, long leastBytes, Action<string> note)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The cache that a run's options ask for; null for none.</summary>
    /// <param name="outputFolder">The run's.</param>
    public static DataCache? Of(DataCacheOptions options, string outputFolder, Action<string> note) => options switch
    {
        { IsOn: false } => null,
        { Folder: { } folder } => new DataCache(folder, 0, note),
        _ => new DataCache(Beside(outputFolder), DataCacheOptions.LeastBytes, note),
    };

    /// <summary>The data as they were kept, or rendered and kept.</summary>
    /// <returns>Null where they are not to be kept, or cannot be: they may be rendered into memory.</returns>
    /// <inheritdoc cref="Dataset.LoadAsync" path="/exception"/>
    internal Dataset? Load(
        DatasetOptions data, ConversationRenderer renderer, LengthLimit limit, TextSource text, CancellationToken cancellation)
    {
        if (data.Only is not null || Bytes(data) < leastBytes)
        {
            return null;
        }

        try
        {
            var path = Path.Combine(folder, $"{DataFingerprint.Of(data, renderer, limit, text)}.rendered");
            return Find(path, data, limit, onDamage: null) ?? Make(path, data, renderer, limit, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            note($"The rendered data stay in memory, as they cannot be kept in {folder}: {e.Message}");
            return null;
        }
    }

    private static string Beside(string outputFolder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputFolder));
        return Path.Combine(Path.GetDirectoryName(full) ?? full, DataCacheOptions.DefaultName);
    }

    private static long Bytes(DatasetOptions data) => new[] { data.PositivePath, data.NegativePath }.OfType<string>()
        .Concat(data.ScoredPaths).SelectMany(DataFiles.Of).Where(File.Exists).Sum(file => new FileInfo(file).Length);

    private static Dataset? Find(string path, DatasetOptions data, LengthLimit limit, Action<string>? onDamage)
    {
        try
        {
            return File.Exists(path) ? Dataset.Open(path, data, limit) : null;
        }
        catch (DamagedFileException e)
        {
            onDamage?.Invoke($"{e.Message} The data are rendered anew.");
            return null;
        }
    }

    private Dataset Make(
        string path, DatasetOptions data, ConversationRenderer renderer, LengthLimit limit, CancellationToken cancellation)
    {
        using var held = Take(path, cancellation);
        if (Find(path, data, limit, note) is { } made)
        {
            return made;
        }

        WholeFile.Write(path, file => Dataset.WriteAsync(file, data, renderer, limit, cancellation).GetAwaiter().GetResult());
        note($"The rendered data are kept in {path} ({new FileInfo(path).Length >> 20:N0} MiB): runs with the same data map them.");
        return Dataset.Open(path, data, limit);
    }

    /// <summary>Takes the name of a file, which another process may hold while it writes it.</summary>
    private FolderLock Take(string path, CancellationToken cancellation)
    {
        for (var hasTold = false; ; hasTold = true)
        {
            try
            {
                return FolderLock.TakePlace(path);
            }
            catch (FolderInUseException e) when (e.IsHeld)
            {
                if (!hasTold)
                {
                    note($"Another process renders the same data: waiting for {path}.");
                }

                cancellation.WaitHandle.WaitOne(Pause);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }
}
