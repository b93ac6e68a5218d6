namespace Rebound.Files;

/// <summary>
/// The calls of the system by which whole files and folders get their places. Tests put others in their place, which end the process
/// between any two of them as far as files can tell.
/// </summary>
internal class FileCalls
{
    private static readonly FileCalls System = new();
    private static readonly AsyncLocal<FileCalls?> Replacement = new();

    /// <summary>Those of this flow of execution.</summary>
    public static FileCalls Current
    {
        get => Replacement.Value ?? System;
        set => Replacement.Value = value;
    }

    /// <summary>Lets a caller write a file or the files of a folder.</summary>
    public virtual void Write(string path, Action<string> write) => write(path);

    public virtual void FlushFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    public virtual void FlushFolder(string folder) => DurableFolder.Flush(folder);

    /// <summary>Renames a file, over one that may be there.</summary>
    public virtual void MoveFile(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Renames a folder; there must be none of the new name.</summary>
    public virtual void MoveFolder(string from, string to) => Directory.Move(from, to);

    /// <summary>Puts two folders in each other's place in one step; false where the system cannot.</summary>
    public virtual bool TryExchange(string one, string other) => DurableFolder.TryExchange(one, other);

    /// <summary>Deletes a file, if it is there.</summary>
    public virtual void DeleteFile(string path) => File.Delete(path);

    /// <summary>Makes a folder, and those that it is in.</summary>
    public virtual void MakeFolder(string folder) => Directory.CreateDirectory(folder);

    /// <summary>Deletes a folder with all that is in it, if it is there.</summary>
    public virtual void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
