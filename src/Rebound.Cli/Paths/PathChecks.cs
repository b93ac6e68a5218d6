using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Paths;

/// <summary>Says what keeps a path from being read or written, before any work is done for it.</summary>
internal static class PathChecks
{
    /// <summary>Why there is no file to read at a path, as a sentence; null where there is one.</summary>
    public static string? ProblemOfInput(string path) =>
        File.Exists(path) ? null
        : Directory.Exists(path) ? $"{path} is a folder; give the name of a file."
        : $"{path} does not exist.";

    /// <summary>Why there are no files of rows at a path, which may be a folder of them, as a sentence; null where there are.</summary>
    public static string? ProblemOfData(string path) => !Directory.Exists(path) ? ProblemOfInput(path)
        : DataFiles.Of(path).Count > 0 ? null
        : $"{path} is a folder without a file that ends in {string.Join(" or ", DataFiles.Endings)}.";

    /// <exception cref="InputException">There is no file to read at a path.</exception>
    public static void RequireInput(string path)
    {
        if (ProblemOfInput(path) is { } problem)
        {
            throw new InputException(problem);
        }
    }

    /// <param name="option">The option that gave the path, for the message.</param>
    /// <exception cref="InputException">No file can be made at a path.</exception>
    public static void RequireOutput(string path, string? option = null)
    {
        if (ProblemOfOutput(path) is { } problem)
        {
            throw new InputException(option is null ? problem : $"{option} {problem}");
        }
    }

    /// <summary>Why no file can be made at a path, as a sentence; null where one can. Nothing is left there.</summary>
    private static string? ProblemOfOutput(string path)
    {
        if (Directory.Exists(path))
        {
            return $"{path} is a folder; give the name of a file.";
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return File.Exists(folder) ? $"{path} cannot be written: {folder} is a file."
            : !Directory.Exists(folder) ? $"{path} cannot be written: there is no folder {folder}."
            : IsWrittenInPlace(path) || TakesFiles(folder) ? null
            : $"{path} cannot be written: {folder} takes no new files.";
    }

    /// <summary>Why no folder can be made, or written into, at a path, as a sentence; null where it can. Nothing is left there.</summary>
    public static string? ProblemOfFolder(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var existing = folder;
        while (!Path.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        if (File.Exists(existing))
        {
            return existing == folder
                ? $"{path} is a file; a folder is needed."
                : $"{path} cannot be made: {existing} is a file.";
        }

        return TakesFiles(existing) ? null : $"{path} cannot be written: {existing} takes no new files.";
    }

    /// <summary>Whether what is written goes to a device or a pipe as it comes; a file of its name would take its place.</summary>
    public static bool IsWrittenInPlace(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal)
            || SpecialFiles.At(path) != SpecialFile.None;

    private static bool TakesFiles(string folder)
    {
        try
        {
            var probe = Path.Combine(folder, $".rebound-{Guid.NewGuid():N}");
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
