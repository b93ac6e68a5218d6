using System.Diagnostics;
using System.Globalization;

namespace Rebound.Training;

/// <summary>The resident memory of this process.</summary>
public static class ProcessMemory
{
    /// <summary>Bytes now.</summary>
    public static long CurrentBytes => Environment.WorkingSet;

    /// <summary>
    /// Bytes now without those of files that are mapped as data: the system takes these pages back where memory is short.
    /// </summary>
    /// <param name="mapped">The length of these files.</param>
    public static long BytesBeside(long mapped) => CurrentBytes - Math.Min(mapped, mapped == 0 ? 0 : OfFiles());

    /// <summary>The most bytes since the process began.</summary>
    public static long PeakBytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return Math.Max(process.PeakWorkingSet64, CurrentBytes);
        }
    }

    /// <summary>Resident bytes of all mapped files, as Linux tells them (proc(5), statm, field 3); 0 elsewhere.</summary>
    private static long OfFiles() => OperatingSystem.IsLinux()
        ? long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[2], CultureInfo.InvariantCulture) * Environment.SystemPageSize
        : 0;
}
