namespace Rebound.Files;

/// <summary>
/// Locks a folder, or a file or folder that is being written, against other runs until it is disposed or the process ends. Its content
/// can be read meanwhile: the lock is on a hidden file of its own, since on POSIX a lock on a readable file could be taken by any
/// reader.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const string FileName = ".rebound.lock";

    private readonly FileStream _held;

    private FolderLock(FileStream held) => _held = held;

    /// <summary>Takes a folder that is there.</summary>
    /// <exception cref="FolderInUseException">Another run has it.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static FolderLock Take(string folder) =>
        Take(Path.Combine(folder, FileName), $"{folder} cannot be written into: another run may be at work there.");

    /// <summary>Takes the name of a file or a folder that is going to be made, in a folder that is there or is made.</summary>
    /// <exception cref="FolderInUseException">Another run makes it.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static FolderLock TakeName(string path) =>
        TakeBeside(path, FileName, $"{path} cannot be written: another run may be at work on it.");

    /// <summary>Locks a folder's name while a folder is written there, whoever holds the folder itself.</summary>
    /// <exception cref="FolderInUseException">Another process writes it.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static FolderLock TakePlace(string path) =>
        TakeBeside(path, ".lock", $"{path} cannot be written: another process may be at it.");

    /// <summary>Checks that a folder is not locked; it need not exist.</summary>
    /// <exception cref="FolderInUseException">Another run has it.</exception>
    public static void Check(string folder)
    {
        if (File.Exists(Path.Combine(folder, FileName)))
        {
            Take(folder).Dispose();
        }
    }

    /// <summary>
    /// Whether there is a lock's file, without trying it: it is held, maybe by another machine, or whoever held it was killed.
    /// </summary>
    public static bool MayBeHeld(string folder) => File.Exists(Path.Combine(folder, FileName));

    public void Dispose() => _held.Dispose();

    private static FolderLock TakeBeside(string path, string suffix, string refusal)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var folder = Path.GetDirectoryName(full) ?? full;
        Directory.CreateDirectory(folder);
        return Take(Path.Combine(folder, $".{Path.GetFileName(full)}{suffix}"), refusal);
    }

    private static FolderLock Take(string file, string refusal)
    {
        try
        {
            // With DeleteOnClose the runtime opens a file again that its last holder took away between opening and locking.
            return new FolderLock(new FileStream(
                file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new FolderInUseException($"{refusal} ({e.Message})", e);
        }
    }
}

/// <summary>Another run holds the folder's lock.</summary>
public sealed class FolderInUseException(string message, Exception inner) : IOException(message, inner)
{
    private static readonly int Held = OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>
    /// Whether the system says that it is held (sharing violation, EWOULDBLOCK), rather than that nothing can be written there.
    /// </summary>
    public bool IsHeld => InnerException?.HResult == Held;
}
