using Rebound.Agents.Collection;
using Rebound.Study.Grids;
using Rebound.Study.Improvement;
using Rebound.Study.Reading;
using Rebound.Training.Metrics;

namespace Rebound.Study.Watching;

/// <summary>All that lies below a folder: runs of training, and folders with results.</summary>
internal static class RunTree
{
    private const int Deepest = 8;

    private static readonly string[] ResultNames =
    [
        MetricsLog.FileName, CollectionFolder.EpisodesName, CollectionFolder.DescriptionName, GridFolder.FileName, RoundFolder.RecordName,
    ];

    private static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = Deepest,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
    };

    /// <summary>Folders of trainings, in the order of their names. Checkpoints hold the same metrics again and are left out.</summary>
    public static IEnumerable<string> Trainings(string root) =>
        Below(root, Deepest).Where(folder => TrainedFolder.Is(folder) && (folder == root || !TrainedFolder.IsCheckpoint(folder)));

    /// <summary>Folders whose results are shown by themselves, and the root where there is anything else that was measured.</summary>
    public static IEnumerable<(string Folder, ResultKind Kind)> Results(string root)
    {
        var (sets, measured) = (new List<(string, ResultKind)>(), false);
        foreach (var folder in Below(root, Deepest))
        {
            if (GridFolder.Is(folder))
            {
                sets.Add((folder, ResultKind.Study));
            }
            else if (Directory.Exists(Path.Combine(folder, new RoundFolder(folder, 0).Name)))
            {
                sets.Add((folder, ResultKind.Improvement));
            }
            else
            {
                measured |= EpisodeFolder.Is(folder);
            }
        }

        return measured && !sets.Any(set => set.Item1 == root) ? [(root, ResultKind.Folder), .. sets] : sets;
    }

    /// <summary>The files that results are made of.</summary>
    public static IEnumerable<FileInfo> ResultFiles(string folder) => !Directory.Exists(folder) ? [] :
        new DirectoryInfo(folder).EnumerateFiles("*", Everywhere)
            .Where(file => ResultNames.Contains(file.Name) || file.Directory?.Name == "scores");

    private static IEnumerable<string> Below(string folder, int levels)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        yield return folder;
        if (levels == 0)
        {
            yield break;
        }

        foreach (var inner in InnerOf(folder))
        {
            foreach (var found in Below(inner.FullName, levels - 1))
            {
                yield return found;
            }
        }
    }

    private static DirectoryInfo[] InnerOf(string folder)
    {
        try
        {
            return
            [
                .. new DirectoryInfo(folder).GetDirectories()
                    .Where(inner => inner.LinkTarget is null && inner.Name[0] != '.')
                    .OrderBy(inner => inner.Name, NumberedNames.Order),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
