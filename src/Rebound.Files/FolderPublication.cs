namespace Rebound.Files;

/// <summary>
/// Puts files that belong together into a folder that holds others too, which stay. Whatever ends the process at whatever instant,
/// the folder has the old files or the new ones: the new ones are written into a hidden folder, which gets its last name when it is
/// whole, and <see cref="Finish"/> does the rest, at once or when the folder is next opened.
/// </summary>
/// <param name="name">Their kind, for hidden names: <c>model</c>.</param>
/// <param name="marks">Names of the files by which they are known to be there: the first to go and the last to come.</param>
/// <param name="others">Patterns of the other files that they may have.</param>
/// <param name="folders">Names of folders that they may have.</param>
public sealed class FolderPublication(string name, IReadOnlyList<string> marks, IReadOnlyList<string> others, IReadOnlyList<string> folders)
{
    /// <summary>While the files are written.</summary>
    private string Partial(string folder) => Path.Combine(folder, $".{name}.partial");

    /// <summary>All files are written; those before them are still in the folder.</summary>
    private string Whole(string folder) => Path.Combine(folder, $".{name}.whole");

    /// <summary>Those before them are gone; files are on their way out of here.</summary>
    private string Moving(string folder) => Path.Combine(folder, $".{name}.moving");

    /// <summary>Whether all files are in a folder, be it on their way to their places.</summary>
    public bool IsIn(string folder) => IsUnfinished(folder) || marks.Any(mark => File.Exists(Path.Combine(folder, mark)));

    /// <summary>Writes files into a folder, replacing those of the same names.</summary>
    /// <param name="write">Writes them into the folder it is given, each whole (<see cref="WholeFile"/>).</param>
    /// <exception cref="IOException">The disk refuses. While files are written, those that were there before are as they were.</exception>
    public void Publish(string folder, Action<string> write)
    {
        Finish(folder);
        var (calls, partial) = (FileCalls.Current, Partial(folder));
        calls.DeleteFolder(partial);
        try
        {
            calls.MakeFolder(partial);
            calls.Write(partial, write);
            calls.FlushFolder(partial);
            calls.MoveFolder(partial, Whole(folder));
        }
        catch
        {
            calls.DeleteFolder(partial);
            throw;
        }

        calls.FlushFolder(folder);
        Finish(folder);
    }

    /// <summary>Finishes a publication that an earlier process left complete but unnamed.</summary>
    /// <exception cref="IOException">The disk refuses; another call goes on from there.</exception>
    public void Finish(string folder)
    {
        if (!IsUnfinished(folder))
        {
            return;
        }

        var calls = FileCalls.Current;
        var (whole, moving) = (Whole(folder), Moving(folder));
        if (Directory.Exists(whole))
        {
            DeleteBefore(folder);
            calls.FlushFolder(folder);
            UnlessGone(() => calls.MoveFolder(whole, moving));
        }

        UnlessGone(() => MoveFiles(moving, folder));
        calls.FlushFolder(folder);
        UnlessGone(() => calls.DeleteFolder(moving));
    }

    private bool IsUnfinished(string folder) => Directory.Exists(Whole(folder)) || Directory.Exists(Moving(folder));

    /// <summary>The marks go first, so that what is left is not taken for the whole.</summary>
    private void DeleteBefore(string folder)
    {
        foreach (var file in marks.Concat(others).SelectMany(pattern => Directory.GetFiles(folder, pattern)))
        {
            FileCalls.Current.DeleteFile(file);
        }

        foreach (var inside in folders)
        {
            FileCalls.Current.DeleteFolder(Path.Combine(folder, inside));
        }
    }

    /// <summary>The marks come last: what is there under a mark is whole and belongs to it.</summary>
    private void MoveFiles(string from, string folder)
    {
        var calls = FileCalls.Current;
        foreach (var inside in Directory.GetDirectories(from))
        {
            calls.DeleteFolder(Path.Combine(folder, Path.GetFileName(inside)));
            calls.MoveFolder(inside, Path.Combine(folder, Path.GetFileName(inside)));
        }

        foreach (var file in Directory.GetFiles(from).OrderBy(file => marks.Contains(Path.GetFileName(file))))
        {
            UnlessGone(() => calls.MoveFile(file, Path.Combine(folder, Path.GetFileName(file))));
        }
    }

    /// <summary>
    /// A process that opens the folder and the one that writes it may both finish: what one finds gone, the other has moved.
    /// </summary>
    private static void UnlessGone(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }
    }
}
