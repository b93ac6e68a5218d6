using Rebound.Checkpoints;
using Rebound.Files;

namespace Rebound.Hub.Cache;

/// <summary>
/// The hub's cache, as its own tools lay it out: <c>models--OWNER--NAME</c> with contents in <c>blobs</c>, the commits of branches in
/// <c>refs</c>, and in <c>snapshots</c> a folder for each commit, whose files are links to contents.
/// </summary>
/// <param name="folder">Need not exist.</param>
public sealed class HubCache(string folder)
{
    private readonly HubSnapshots _snapshots = new(folder);

    /// <summary>The branch that is meant where none is named.</summary>
    public const string Main = HubSnapshots.Main;

    public string Folder => folder;

    /// <summary>The folder of a repository.</summary>
    public string FolderOf(HubReference model) => _snapshots.FolderOf(model.Repository);

    /// <summary>The place of a content.</summary>
    public string BlobOf(HubReference model, HubFile file) => Path.Combine(FolderOf(model), "blobs", file.Blob);

    /// <summary>
    /// The folder or file that a model is read from: a snapshot's folder, or a GGUF file in it; null where the model is not there.
    /// </summary>
    public string? Find(HubReference model) => CommitOf(model, Main) is { } commit ? FindAt(model, commit) : null;

    /// <summary>The same of a commit.</summary>
    public string? FindAt(HubReference model, string commit)
    {
        var snapshot = Snapshot(model, commit);
        if (!Directory.Exists(snapshot))
        {
            return null;
        }

        if (model.Selector is { } selector)
        {
            var named = Path.Combine(snapshot, selector);
            return File.Exists(named) ? named
                : Ggufs(snapshot).Where(file => FileSelection.HasQuantization(file, selector)).ToArray() is [var quantized] ? quantized
                : null;
        }

        return File.Exists(Path.Combine(snapshot, ModelFiles.Config))
            || File.Exists(Path.Combine(snapshot, ModelFiles.AdapterConfig)) ? snapshot
            : Ggufs(snapshot).ToArray() is [var only] ? only
            : null;
    }

    /// <summary>The commit of a branch when it was last pulled; null where it never was.</summary>
    public string? CommitOf(HubReference model, string revision) => _snapshots.CommitOf(model.Repository, revision);

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(HubReference model, string commit) => _snapshots.SnapshotOf(model.Repository, commit);

    /// <summary>All models that have a snapshot, by name.</summary>
    public IReadOnlyList<HubReference> List() => [.. _snapshots.Repositories().Select(HubReference.Find).OfType<HubReference>()];

    /// <summary>Puts a content into a snapshot under its name: as a link, or as a copy where the system has none.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Link(HubReference model, string commit, HubFile file)
    {
        var path = Path.Combine([Snapshot(model, commit), .. file.Path.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (File.Exists(path))
        {
            return;
        }

        // A link may be there that leads nowhere any more.
        File.Delete(path);
        var blob = BlobOf(model, file);
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException && OperatingSystem.IsWindows())
        {
            WholeFile.Copy(blob, path);
        }
    }

    /// <summary>Says which commit a branch is at.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void SetCommit(HubReference model, string revision, string commit)
    {
        var path = Path.Combine(FolderOf(model), "refs", revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WholeFile.WriteText(path, commit);
    }

    private static IEnumerable<string> Ggufs(string snapshot) =>
        Directory.EnumerateFiles(snapshot, "*.gguf", SearchOption.AllDirectories);
}
