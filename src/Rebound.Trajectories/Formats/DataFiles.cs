using System.IO.Enumeration;

namespace Rebound.Trajectories.Formats;

/// <summary>Expands a path to data files: the file itself, or those of a folder of logs.</summary>
public static class DataFiles
{
    private const string Positive = "positive.json";
    private const string Negative = "negative.json";

    /// <summary>How files of trajectories end.</summary>
    public static IReadOnlyList<string> Endings { get; } = [".json", ".jsonl", ".ndjson"];

    /// <summary>
    /// A file as it is; of a folder all files with one of <see cref="Endings"/>, those of its folders too, hidden ones left out, in the
    /// order of their paths. A folder that <c>rebound collect</c> filled is its two files of trajectories: what lies beside them
    /// says the same again.
    /// </summary>
    public static IReadOnlyList<string> Of(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] collected = [Path.Combine(path, Positive), Path.Combine(path, Negative)];
        return collected.All(File.Exists) ? collected : [.. Files(path).Order(StringComparer.Ordinal)];
    }

    private static FileSystemEnumerable<string> Files(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && IsData(entry.FileName),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private static bool IsData(ReadOnlySpan<char> name)
    {
        var ending = Path.GetExtension(name);
        foreach (var known in Endings)
        {
            if (ending.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
