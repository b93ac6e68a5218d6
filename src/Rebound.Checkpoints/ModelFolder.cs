using Rebound.Files;

namespace Rebound.Checkpoints;

/// <summary>A folder of one model or adapter, written as a whole (<see cref="WholeFolder"/>).</summary>
public static class ModelFolder
{
    /// <summary>Files by which a folder shows that it holds a model or an adapter, and may be replaced by another.</summary>
    private static readonly string[] Marks = [ModelFiles.Config, ModelFiles.AdapterConfig];

    /// <summary>Checks that a model could be written here, so that a long run fails before it starts.</summary>
    /// <exception cref="IOException">
    /// Something is there: a file, or a folder that is neither empty nor, with <paramref name="overwrite"/>, a model's.
    /// </exception>
    public static void CheckTarget(string folder, bool overwrite)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"{folder} is a file; a model is written as a folder.");
        }

        WholeFolder.Restore(folder);
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
        CheckTarget(folder, overwrite);
        using var held = FolderLock.TakePlace(folder);
        WholeFolder.Write(folder, write, () => CheckTarget(folder, overwrite));
    }
}
