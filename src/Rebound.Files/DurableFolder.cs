using System.Runtime.InteropServices;

namespace Rebound.Files;

/// <summary>
/// Folder operations that .NET lacks and that keep a folder whole across crashes: flushing its entries to the disk, so that a file
/// created or renamed in it survives a power cut (https://pubs.opengroup.org/onlinepubs/9799919799/functions/fsync.html), and
/// exchanging it for another in one step (https://man7.org/linux/man-pages/man2/rename.2.html).
/// </summary>
internal static partial class DurableFolder
{
    private const int ReadOnly = 0;

    /// <summary>EINVAL, the error of a file system that cannot flush a folder.</summary>
    private const int NotSupported = 22;

    /// <summary>AT_FDCWD: relative paths are seen from the working folder.</summary>
    private const int FromHere = -100;

    /// <summary>RENAME_EXCHANGE.</summary>
    private const uint Exchange = 2;

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

    /// <summary>
    /// Puts two folders of one file system in each other's place, so that there is no instant at which one of them is absent.
    /// </summary>
    /// <returns>False where the system or the file system cannot; nothing has changed then.</returns>
    public static bool TryExchange(string one, string other)
    {
        try
        {
            return OperatingSystem.IsLinux() && Rename(FromHere, one, FromHere, other, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static IOException Failure(string folder, int error) =>
        new($"{folder}: the folder could not be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
