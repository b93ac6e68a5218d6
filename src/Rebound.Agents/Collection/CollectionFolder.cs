using System.Text.Json.Nodes;
using Rebound.Trajectories;

namespace Rebound.Agents.Collection;

/// <summary>
/// Where a collection is kept: <c>episodes.jsonl</c> grows as episodes end; <c>positive.json</c> and <c>negative.json</c> (lists
/// of NATInstruct form) and <c>statistics.json</c> are made of it when a run ends; <c>collection.json</c> says what is collected,
/// so that two collections are never mixed.
/// </summary>
public sealed class CollectionFolder
{
    private const string DescriptionName = "collection.json";

    private readonly string _path;

    private CollectionFolder(string path) => _path = path;

    public string EpisodesPath => Path.Combine(_path, "episodes.jsonl");

    public string PositivePath => Path.Combine(_path, "positive.json");

    public string NegativePath => Path.Combine(_path, "negative.json");

    public string StatisticsPath => Path.Combine(_path, "statistics.json");

    /// <summary>Opens a folder for a collection, a new one or one to be gone on with. Without an episode it is a new one, whatever it was meant for.</summary>
    /// <param name="description">What makes its episodes comparable: task, model, prompt, tools; no secrets.</param>
    /// <exception cref="DataException">The folder holds a collection with another description.</exception>
    public static CollectionFolder Open(string path, JsonObject description)
    {
        Directory.CreateDirectory(path);
        var (folder, file) = (new CollectionFolder(path), Path.Combine(path, DescriptionName));
        if (folder.IsEmpty())
        {
            WholeJsonFile.Write(file, description);
        }
        else
        {
            RunDescription.Keep(file, description);
        }

        return folder;
    }

    /// <summary>Opens the folder of a collection that has been made, to read it.</summary>
    /// <param name="description">What the collection's own description has to say as well.</param>
    /// <exception cref="DataException">There is none, or its description says otherwise.</exception>
    public static CollectionFolder OpenExisting(string path, JsonObject description)
    {
        var (folder, file) = (new CollectionFolder(path), Path.Combine(path, DescriptionName));
        if (!File.Exists(file) || !File.Exists(folder.EpisodesPath))
        {
            throw new DataException(path, null, null, $"holds no episodes: there is no {DescriptionName} with {Path.GetFileName(folder.EpisodesPath)}.");
        }

        RunDescription.Require(file, description);
        return folder;
    }

    /// <summary>Whether no episode is kept, and no run is about to keep one.</summary>
    private bool IsEmpty()
    {
        try
        {
            using var episodes = new FileStream(EpisodesPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return episodes.Length == 0;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    internal EpisodeLog OpenLog()
    {
        try
        {
            return new EpisodeLog(EpisodesPath);
        }
        catch (IOException e) when (e is not FileNotFoundException and not DirectoryNotFoundException)
        {
            throw new IOException($"{EpisodesPath} cannot be opened: another run may be collecting there. ({e.Message})", e);
        }
    }

    internal void WriteSummaries(EpisodeLog log)
    {
        WholeJsonFile.Write(PositivePath, Rows(log, succeeded: true));
        WholeJsonFile.Write(NegativePath, Rows(log, succeeded: false));
        WholeJsonFile.Write(StatisticsPath, log.Totals.ToJson());
    }

    private static JsonArray Rows(EpisodeLog log, bool succeeded) =>
        [.. log.Rows.Where(row => (row.Cause is null) == succeeded).Select(row => row.Content.DeepClone())];
}
