using Rebound.Agents.Collection;
using Rebound.Files.Rows;
using Rebound.Study.Grids;
using Rebound.Study.Results;
using Rebound.Training.Checkpoints;

namespace Rebound.Study.Reading;

/// <summary>
/// All that was measured in folders, whatever made them: studies, runs of training, evaluations, collections, and folders of such.
/// </summary>
/// <param name="Runs">Every agent with its scores; of a task of one name all have the same questions.</param>
/// <param name="About">How studies among them were set up.</param>
public sealed record FoundFolders(IReadOnlyList<MeasuredRun> Runs, IReadOnlyList<(string Name, string Value)> About)
{
    /// <summary>Levels of folders that are looked through.</summary>
    private const int Deepest = 8;

    /// <exception cref="DataException">A folder holds nothing that is known, or a file in it is damaged.</exception>
    public static async Task<FoundFolders> ReadAsync(IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var (runs, about, episodes, trained) = (
            new List<MeasuredRun>(), new List<(string, string)>(), new List<EpisodeFolder>(), new List<TrainedFolder>());
        foreach (var path in paths)
        {
            var before = runs.Count + episodes.Count + trained.Count;
            foreach (var folder in Known(new DirectoryInfo(path), Deepest))
            {
                if (GridFolder.Is(folder))
                {
                    var grid = new GridFolder(folder).Read();
                    runs.AddRange(grid.Runs);
                    about.AddRange(grid.About);
                }
                else if (EpisodeFolder.Is(folder))
                {
                    episodes.Add(await EpisodeFolder.ReadAsync(folder, NameOf(folder, path, paths), cancellation));
                }
                else
                {
                    trained.Add(TrainedFolder.Read(folder, NameOf(folder, path, paths)));
                }
            }

            if (runs.Count + episodes.Count + trained.Count == before)
            {
                throw new DataException(
                    path, null, null, "holds nothing to report: no study, run of training, evaluation or collection.");
            }
        }

        return new FoundFolders([.. runs, .. TaskNames.Apart(MeasuredFolders.Of(episodes, trained))], about);
    }

    /// <summary>
    /// The folders that hold something; within a study, an evaluation or a collection nothing else is looked for. A checkpoint that was
    /// not given itself is a part of its run.
    /// </summary>
    private static IEnumerable<string> Known(DirectoryInfo folder, int levels)
    {
        var isWhole = GridFolder.Is(folder.FullName) || EpisodeFolder.Is(folder.FullName);
        if (isWhole || (TrainedFolder.Is(folder.FullName) && (levels == Deepest || !TrainedFolder.IsCheckpoint(folder.FullName))))
        {
            yield return folder.FullName;
        }

        if (isWhole || levels == 0)
        {
            yield break;
        }

        foreach (var inner in folder.GetDirectories().Where(inner => inner.LinkTarget is null && inner.Name[0] != '.')
            .OrderBy(inner => inner.Name, NumberedNames.Order))
        {
            foreach (var found in Known(inner, levels - 1))
            {
                yield return found;
            }
        }
    }

    /// <summary>A folder as seen from the one that was given, with its name where there are several.</summary>
    private static string NameOf(string folder, string given, IReadOnlyList<string> all)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
        var inner = Path.GetRelativePath(root, folder).Replace(Path.DirectorySeparatorChar, '/');
        return inner == "." ? Path.GetFileName(root) : all.Count == 1 ? inner : $"{Path.GetFileName(root)}/{inner}";
    }
}
