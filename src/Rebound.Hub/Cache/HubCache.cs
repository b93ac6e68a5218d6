using Rebound.Files;

namespace Rebound.Hub.Cache;

/// <summary>
/// The hub's cache, as its own tools lay it out: <c>models--OWNER--NAME</c> with contents in <c>blobs</c>, the commits of branches in
/// <c>refs</c>, and in <c>snapshots</c> a folder for each commit, whose files are links to contents.
/// </summary>
/// <param name="folder">Need not exist.</param>
public sealed class HubCache(string folder)
{
    private const string Prefix = "models--";
    private const string Between = "--";
    private const string Snapshots = "snapshots";

    /// <summary>The branch that is meant where none is named.</summary>
    public const string Main = "main";

    public string Folder => folder;

    /// <summary>
    /// A model by its place in a cache, wherever that is: its name, its commit, and the folder of that; null for other paths.
    /// </summary>
    public static (HubReference Model, string Commit, string Snapshot)? At(string path)
    {
        for (var at = Path.GetFullPath(path); Path.GetDirectoryName(at) is { } snapshots; at = snapshots)
        {
            if (Path.GetFileName(snapshots) == Snapshots && Path.GetDirectoryName(snapshots) is { } folder
                && Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal)
                && Path.GetFileName(folder)[Prefix.Length..].Split(Between, 2) is [var owner, var name])
            {
                return (new HubReference(owner, name, null), Path.GetFileName(at), at);
            }
        }

        return null;
    }

    /// <summary>The folder of a repository.</summary>
    public string FolderOf(HubReference model) => Path.Combine(folder, $"{Prefix}{model.Owner}{Between}{model.Name}");

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

        return File.Exists(Path.Combine(snapshot, Checkpoints.ModelFiles.Config))
            || File.Exists(Path.Combine(snapshot, Checkpoints.ModelFiles.AdapterConfig)) ? snapshot
            : Ggufs(snapshot).ToArray() is [var only] ? only
            : null;
    }

    /// <summary>The commit of a branch when it was last pulled; null where it never was.</summary>
    public string? CommitOf(HubReference model, string revision)
    {
        var path = Path.Combine(FolderOf(model), "refs", revision);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(HubReference model, string commit) => Path.Combine(FolderOf(model), Snapshots, commit);

    /// <summary>All models that have a snapshot, by name.</summary>
    public IReadOnlyList<HubReference> List() => !Directory.Exists(folder) ? [] :
    [
        .. Directory.GetDirectories(folder, $"{Prefix}*").Order(StringComparer.Ordinal)
            .Select(path => Path.GetFileName(path)[Prefix.Length..].Split(Between, 2))
            .Where(parts => parts.Length == 2).Select(parts => new HubReference(parts[0], parts[1], null))
            .Where(model => Directory.Exists(Path.Combine(FolderOf(model), Snapshots))),
    ];

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
