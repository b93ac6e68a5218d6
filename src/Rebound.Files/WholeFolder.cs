namespace Rebound.Files;

/// <summary>
/// Folders that appear under their name when they are whole, and on the disk: written under a hidden name beside their place, then
/// exchanged or renamed. Whatever ends the process at whatever instant, a folder of the name is a whole one, the old or the new,
/// once <see cref="Restore"/> has looked.
/// </summary>
public static class WholeFolder
{
    private const string PartialSuffix = "partial";
    private const string OldSuffix = "old";

    /// <summary>Writes a folder, in the place of one that may be there.</summary>
    /// <param name="write">Writes the files into the folder that it is given, each whole (<see cref="WholeFile"/>).</param>
    /// <param name="check">Looks once more whether the place may be taken, when all is written.</param>
    /// <exception cref="IOException">The disk refuses; what was there before stays, and nothing else does.</exception>
    public static void Write(string folder, Action<string> write, Action? check = null)
    {
        var (calls, parent) = (FileCalls.Current, ParentOf(folder));
        Restore(folder);
        calls.MakeFolder(parent);
        var (partial, old) = (Hidden(folder, PartialSuffix), Hidden(folder, OldSuffix));
        calls.DeleteFolder(partial);
        calls.DeleteFolder(old);
        try
        {
            calls.MakeFolder(partial);
            calls.Write(partial, write);
            calls.FlushFolder(partial);
            check?.Invoke();
            Place(partial, folder, old);
            calls.FlushFolder(parent);
        }
        finally
        {
            calls.DeleteFolder(partial);
        }
    }

    /// <summary>Takes a folder away so that none of its name is ever half there.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            var (calls, hidden) = (FileCalls.Current, Hidden(folder, PartialSuffix));
            calls.DeleteFolder(hidden);
            calls.MoveFolder(folder, hidden);
            calls.DeleteFolder(hidden);
        }
    }

    /// <summary>Puts the old folder back, if the process that replaced it ended between moving it away and bringing the new one.</summary>
    public static void Restore(string folder)
    {
        if (!Path.Exists(folder) && Path.GetDirectoryName(FullPath(folder)) is not null
            && Hidden(folder, OldSuffix) is var old && Directory.Exists(old))
        {
            FileCalls.Current.MoveFolder(old, folder);
        }
    }

    /// <summary>Puts back or takes away what processes that were killed left of folders with such names.</summary>
    /// <param name="names">A pattern, as of <see cref="Directory.GetDirectories(string, string)"/>.</param>
    public static void CleanUp(string parent, string names)
    {
        foreach (var old in Directory.GetDirectories(parent, $".{names}.{OldSuffix}"))
        {
            Restore(Path.Combine(parent, Path.GetFileName(old)[1..^(OldSuffix.Length + 1)]));
            FileCalls.Current.DeleteFolder(old);
        }

        foreach (var partial in Directory.GetDirectories(parent, $".{names}.{PartialSuffix}"))
        {
            FileCalls.Current.DeleteFolder(partial);
        }
    }

    private static void Place(string partial, string folder, string old)
    {
        var calls = FileCalls.Current;
        if (!Directory.Exists(folder))
        {
            calls.MoveFolder(partial, folder);
            return;
        }

        if (calls.TryExchange(partial, folder))
        {
            return;
        }

        calls.MoveFolder(folder, old);
        try
        {
            calls.MoveFolder(partial, folder);
        }
        catch
        {
            calls.MoveFolder(old, folder);
            throw;
        }

        calls.DeleteFolder(old);
    }

    private static string FullPath(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    private static string ParentOf(string folder) =>
        Path.GetDirectoryName(FullPath(folder)) ?? throw new IOException($"{folder} is the root of a file system.");

    private static string Hidden(string folder, string suffix) =>
        Path.Combine(ParentOf(folder), $".{Path.GetFileName(FullPath(folder))}.{suffix}");
}
