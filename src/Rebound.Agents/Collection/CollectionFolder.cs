using System.Text.Json.Nodes;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Collection;

/// <summary>
/// The folder of a collection: <c>episodes.jsonl</c> grows as episodes end; <c>positive.json</c> and <c>negative.json</c> (lists in
/// NATInstruct form) and <c>statistics.json</c> are made of it when a run ends; <c>collection.json</c> describes the collection, so
/// that two are never mixed. It is locked while it is open.
/// </summary>
public sealed class CollectionFolder : IDisposable
{
    /// <summary>The file of the episodes.</summary>
    public const string EpisodesName = "episodes.jsonl";

    /// <summary>The file of the description.</summary>
    public const string DescriptionName = "collection.json";

    private readonly string _path;
    private readonly FolderLock _lock;

    private CollectionFolder(string path) => (_path, _lock) = (path, FolderLock.Take(path));

    public string EpisodesPath => Path.Combine(_path, EpisodesName);

    public string PositivePath => Path.Combine(_path, "positive.json");

    public string NegativePath => Path.Combine(_path, "negative.json");

    public string StatisticsPath => Path.Combine(_path, "statistics.json");

    /// <summary>The prompt, where it was made for the tools that the agent had.</summary>
    public string PromptPath => Path.Combine(_path, "prompt.json");

    private string DescriptionPath => Path.Combine(_path, DescriptionName);

    /// <summary>Whether no episode is kept.</summary>
    private bool IsEmpty => new FileInfo(EpisodesPath) is { Exists: false } or { Length: 0 };

    /// <summary>
    /// Opens a folder for a collection, a new one or one to be gone on with. Without an episode
    /// it is a new one, whatever it was meant for.
    /// </summary>
    /// <param name="description">Everything that episodes must share to be comparable: task, model, prompt, tools; no secrets.</param>
    /// <exception cref="DataException">The folder holds a collection with another description.</exception>
    /// <exception cref="IOException">Another run is at work there.</exception>
    public static CollectionFolder Open(string path, JsonObject description)
    {
        Directory.CreateDirectory(path);
        return Taken(path, folder =>
        {
            if (folder.IsEmpty)
            {
                WholeFile.WriteJson(folder.DescriptionPath, description);
            }
            else
            {
                RunDescription.Keep(folder.DescriptionPath, description);
            }
        });
    }

    /// <summary>Opens the folder of a collection that has been made, to read it.</summary>
    /// <param name="description">Members that the collection's own description must contain.</param>
    /// <exception cref="DataException">There is none, or its description says otherwise.</exception>
    /// <exception cref="IOException">Another run is at work there.</exception>
    public static CollectionFolder OpenExisting(string path, JsonObject description)
    {
        if (!File.Exists(Path.Combine(path, DescriptionName)) || !File.Exists(Path.Combine(path, EpisodesName)))
        {
            throw new DataException(path, null, null, $"holds no episodes: there is no {DescriptionName} with {EpisodesName}.");
        }

        return Taken(path, folder => RunDescription.Require(folder.DescriptionPath, description));
    }

    /// <summary>Saves the prompt, so that a model can be trained with the same one.</summary>
    public void WritePrompt(PromptTemplate prompt) => WholeFile.WriteJson(PromptPath, PromptConfiguration.ToJson(prompt));

    public void Dispose() => _lock.Dispose();

    /// <summary>A folder that nobody else has, or nobody at all if the check throws.</summary>
    private static CollectionFolder Taken(string path, Action<CollectionFolder> check)
    {
        var folder = new CollectionFolder(path);
        try
        {
            check(folder);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    internal EpisodeLog OpenLog() => new(EpisodesPath);

    /// <param name="attempts">Their order is that of the rows, whichever ended first; what is none of them comes last.</param>
    internal void WriteSummaries(EpisodeLog log, IReadOnlyList<Attempt> attempts)
    {
        var places = attempts.Index().ToDictionary(attempt => attempt.Item.Key, attempt => attempt.Index, StringComparer.Ordinal);
        var rows = log.Rows.OrderBy(row => places.GetValueOrDefault(row.Key, int.MaxValue)).ToArray();
        WholeFile.WriteJson(PositivePath, Rows(rows, succeeded: true));
        WholeFile.WriteJson(NegativePath, Rows(rows, succeeded: false));
        WholeFile.WriteJson(StatisticsPath, log.Totals.ToJson());
    }

    private static JsonArray Rows(IEnumerable<EpisodeRow> rows, bool succeeded) =>
        [.. rows.Where(row => (row.Cause is null) == succeeded).Select(row => row.Content.DeepClone())];
}
