namespace Rebound.Checkpoints;

/// <summary>
/// Models in the Hugging Face hub's cache, as its own tools lay it out: <c>models--OWNER--NAME</c> with the commits of branches in
/// <c>refs</c>, and in <c>snapshots</c> a folder for each commit.
/// </summary>
/// <param name="cache">Need not exist.</param>
public sealed class HubSnapshots(string cache)
{
    /// <summary>The branch that is meant where none is named.</summary>
    public const string Main = "main";

    private const string Prefix = "models--";
    private const string Between = "--";
    private const string FolderName = "snapshots";

    /// <summary>The cache that the environment names.</summary>
    public static HubSnapshots OfEnvironment() => new(CacheOf(
        Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)));

    /// <summary>The folder of all that the hub's tools keep, by <c>HF_HOME</c> and <c>XDG_CACHE_HOME</c>.</summary>
    /// <param name="variable">The value of a variable; null for none.</param>
    /// <param name="home">The user's folder.</param>
    public static string HomeOf(Func<string, string?> variable, string home) =>
        Value(variable, "HF_HOME")
            ?? Path.Combine(Value(variable, "XDG_CACHE_HOME") ?? Path.Combine(home, ".cache"), "huggingface");

    /// <summary>The folder of models, by <c>HF_HUB_CACHE</c> and where all is kept.</summary>
    /// <inheritdoc cref="HomeOf"/>
    public static string CacheOf(Func<string, string?> variable, string home) =>
        Value(variable, "HF_HUB_CACHE") ?? Value(variable, "HUGGINGFACE_HUB_CACHE") ?? Path.Combine(HomeOf(variable, home), "hub");

    /// <summary>
    /// A model by its place in a cache, wherever that is: its name, its commit, and the folder of that; null for other paths.
    /// </summary>
    public static (string Repository, string Commit, string Snapshot)? At(string path)
    {
        for (var at = Path.GetFullPath(path); Path.GetDirectoryName(at) is { } snapshots; at = snapshots)
        {
            if (Path.GetFileName(snapshots) == FolderName && RepositoryOf(Path.GetDirectoryName(snapshots)) is { } repository)
            {
                return (repository, Path.GetFileName(at), at);
            }
        }

        return null;
    }

    /// <summary>All repositories of which a commit is here, by name.</summary>
    public IReadOnlyList<string> Repositories() => !Directory.Exists(cache) ? [] :
    [
        .. Directory.GetDirectories(cache, $"{Prefix}*").Order(StringComparer.Ordinal)
            .Where(folder => Directory.Exists(Path.Combine(folder, FolderName))).Select(RepositoryOf).OfType<string>(),
    ];

    /// <summary>The folder of a repository.</summary>
    /// <param name="repository"><c>OWNER/NAME</c>.</param>
    public string FolderOf(string repository) =>
        Path.Combine(cache, Prefix + repository.Replace("/", Between, StringComparison.Ordinal));

    /// <summary>The folder of a commit's files.</summary>
    public string SnapshotOf(string repository, string commit) => Path.Combine(FolderOf(repository), FolderName, commit);

    /// <summary>The commit of a branch when it was last pulled; null where it never was.</summary>
    public string? CommitOf(string repository, string revision)
    {
        var path = Path.Combine(FolderOf(repository), "refs", revision);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>The folder of a model's files; null where they are not there, or cannot be looked at.</summary>
    /// <param name="revision">A branch, a tag or a commit; null for <see cref="Main"/>.</param>
    public string? Find(string repository, string? revision)
    {
        var named = revision ?? Main;
        if (Path.IsPathRooted(named) || named.Split('/', '\\').Any(part => part is "" or "." or ".."))
        {
            return null;
        }

        try
        {
            var snapshot = SnapshotOf(repository, CommitOf(repository, named) ?? named);
            return Directory.Exists(snapshot) ? snapshot : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? RepositoryOf(string? folder) =>
        Path.GetFileName(folder) is { } name && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name[Prefix.Length..].Split(Between, 2) is [var owner, var rest] ? $"{owner}/{rest}" : null;

    private static string? Value(Func<string, string?> variable, string name) =>
        variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
