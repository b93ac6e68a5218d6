using System.Runtime.InteropServices;

namespace Rebound.Models.Checkpoints;

/// <summary>
/// Flushes a folder's own entries to the disk, so that a file that was created or renamed in it is still there after a
/// power cut. .NET flushes the content of files only, so POSIX is asked for the folder
/// (https://pubs.opengroup.org/onlinepubs/9799919799/functions/fsync.html).
/// </summary>
public static partial class DurableFolder
{
    private const int ReadOnly = 0;

    /// <summary>What a file system answers that has nothing to flush for a folder: EINVAL.</summary>
    private const int NotSupported = 22;

    /// <summary>Returns when the folder's entries are on the disk; at once on Windows, whose file system journals them.</summary>
    /// <exception cref="IOException">The folder cannot be opened, or the disk refuses.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure(folder, Marshal.GetLastPInvokeError());
        }

        var failed = Synchronize(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed && error != NotSupported)
        {
            throw Failure(folder, error);
        }
    }

    private static IOException Failure(string folder, int error) =>
        new($"{folder}: the folder could not be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
