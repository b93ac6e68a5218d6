namespace Rebound.Trajectories;

/// <summary>
/// Keeps other runs out of a folder until it is disposed, or the process ends however it may. The folder's files can be read
/// meanwhile: what is held is a hidden file of its own, since on POSIX a file that others may read could be written by others, too.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const string FileName = ".rebound.lock";

    private readonly FileStream _held;

    private FolderLock(FileStream held) => _held = held;

    /// <summary>Takes a folder that is there.</summary>
    /// <exception cref="IOException">Another run has it, or nothing can be written there.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            // With DeleteOnClose the runtime opens a file again that its last holder took away between opening and locking.
            return new FolderLock(new FileStream(
                Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"{folder} cannot be written into: another run may be at work there. ({e.Message})", e);
        }
    }

    public void Dispose() => _held.Dispose();
}
