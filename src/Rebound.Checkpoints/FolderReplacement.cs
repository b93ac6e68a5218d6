using Rebound.Files;

namespace Rebound.Checkpoints;

/// <summary>
/// Writes a folder beside its place and renames it at the end, so that a folder of this name is a whole one, the old or
/// the new, whatever ends the process at whatever instant.
/// </summary>
public static class FolderReplacement
{
    /// <summary>Files by which a folder shows that it holds a model or an adapter, and may be replaced by another.</summary>
    private static readonly string[] Marks = [ModelFiles.Config, ModelFiles.AdapterConfig];

    /// <exception cref="IOException">
    /// Something is there: a file, or a folder that is neither empty nor, with <paramref name="overwrite"/>, a model's.
    /// </exception>
    public static void CheckTarget(string folder, bool overwrite)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"{folder} is a file; a model is written as a folder.");
        }

        Restore(folder);
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
        var parent = Parent(folder);
        Directory.CreateDirectory(parent);
        using var held = Hold(folder);
        var partial = Beside(folder, "partial");
        DurableFolder.Delete(partial);
        try
        {
            Directory.CreateDirectory(partial);
            write(partial);
            DurableFolder.Flush(partial);
            CheckTarget(folder, overwrite);
            Replace(folder, partial);
            DurableFolder.Flush(parent);
        }
        finally
        {
            DurableFolder.Delete(partial);
        }
    }

    /// <summary>Puts the old folder back, if the process that replaced it ended between moving it away and bringing the new one.</summary>
    public static void Restore(string folder)
    {
        if (!Path.Exists(folder) && Path.GetDirectoryName(Full(folder)) is not null && Directory.Exists(Beside(folder, "old")))
        {
            Directory.Move(Beside(folder, "old"), folder);
        }
    }

    private static void Replace(string folder, string partial)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(partial, folder);
            return;
        }

        if (DurableFolder.TryExchange(partial, folder))
        {
            return;
        }

        var old = Beside(folder, "old");
        DurableFolder.Delete(old);
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

        DurableFolder.Delete(old);
    }

    /// <summary>Keeps others from writing the same folder meanwhile.</summary>
    private static FileStream Hold(string folder)
    {
        try
        {
            return new FileStream(
                Beside(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder} cannot be written: another process may be at it. ({e.Message})", e);
        }
    }

    private static string Full(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    private static string Parent(string folder) =>
        Path.GetDirectoryName(Full(folder)) ?? throw new IOException($"{folder} is the root of a file system.");

    private static string Beside(string folder, string purpose) =>
        Path.Combine(Parent(folder), $".{Path.GetFileName(Full(folder))}.{purpose}");
}
