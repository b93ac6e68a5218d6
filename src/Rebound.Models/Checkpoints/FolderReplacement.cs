namespace Rebound.Models.Checkpoints;

/// <summary>
/// Writes a folder beside its place and renames it at the end, so that a folder of this name is a whole one, the old or
/// the new.
/// </summary>
internal static class FolderReplacement
{
    /// <summary>Files by which a folder shows that it holds a model or an adapter, and may be replaced by another.</summary>
    private static readonly string[] Marks = [HuggingFaceFolder.ConfigFileName, Adapters.AdapterFolder.ConfigFileName];

    /// <exception cref="IOException">
    /// Something is there: a file, or a folder that is neither empty nor, with <paramref name="overwrite"/>, a model's.
    /// </exception>
    public static void CheckTarget(string folder, bool overwrite)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"{folder} is a file; a model is written as a folder.");
        }

        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return;
        }

        if (!overwrite)
        {
            throw new IOException($"{folder} exists already; choose another folder, or ask to overwrite it.");
        }

        if (!Array.Exists(Marks, mark => File.Exists(Path.Combine(folder, mark))))
        {
            throw new IOException($"{folder} holds no {string.Join(" or ", Marks)}: it is not a model's folder, and is not overwritten.");
        }
    }

    /// <param name="write">Writes the files into the folder that it is given.</param>
    /// <exception cref="IOException">The target is taken (<see cref="CheckTarget"/>), or the disk refuses.</exception>
    public static void Write(string folder, bool overwrite, Action<string> write)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        CheckTarget(folder, overwrite);
        var partial = Beside(folder, "partial");
        Directory.CreateDirectory(partial);
        try
        {
            write(partial);
            CheckTarget(folder, overwrite);
            Replace(folder, partial);
        }
        catch
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }

            throw;
        }
    }

    private static void Replace(string folder, string partial)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(partial, folder);
            return;
        }

        var old = Beside(folder, "old");
        Directory.Move(folder, old);
        try
        {
            Directory.Move(partial, folder);
        }
        catch
        {
            Directory.Move(old, folder);
            throw;
        }

        Directory.Delete(old, recursive: true);
    }

    private static string Beside(string folder, string purpose) => Path.Combine(
        Path.GetDirectoryName(folder) ?? throw new IOException($"{folder} is the root of a file system."),
        $".{Path.GetFileName(folder)}.{Guid.NewGuid():n}.{purpose}");
}
