using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Browsing;

/// <summary>The files of a folder that may hold trajectories, each told once.</summary>
internal static class DataTree
{
    private const int Deepest = 12;

    /// <summary>The file of a collection that grows while it is made; the others beside it say the same again.</summary>
    private const string Episodes = "episodes.jsonl";

    /// <summary>A file as it is; of a folder what <see cref="DataFiles"/> takes, in the folders below it too.</summary>
    public static IEnumerable<string> Of(string path) => File.Exists(path) ? [path] : Below(new DirectoryInfo(path), Deepest);

    private static IEnumerable<string> Below(DirectoryInfo folder, int levels)
    {
        FileSystemInfo[] entries;
        try
        {
            entries =
            [
                .. folder.EnumerateFileSystemInfos().Where(entry => entry.Name[0] != '.')
                    .OrderBy(entry => entry.Name, StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        string[] files = [.. entries.OfType<FileInfo>().Where(IsData).Select(file => file.FullName)];
        foreach (var file in Array.Find(files, file => Path.GetFileName(file) == Episodes) is { } episodes ? [episodes] : files)
        {
            yield return file;
        }

        foreach (var inner in entries.OfType<DirectoryInfo>().Where(inner => levels > 0 && inner.LinkTarget is null))
        {
            foreach (var file in Below(inner, levels - 1))
            {
                yield return file;
            }
        }
    }

    private static bool IsData(FileInfo file) => DataFiles.Endings.Contains(file.Extension, StringComparer.OrdinalIgnoreCase);
}
