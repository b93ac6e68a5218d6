using System.Diagnostics;

namespace Rebound.Training;

/// <summary>The memory of this process that is in use: its resident set.</summary>
public static class ProcessMemory
{
    /// <summary>Bytes now.</summary>
    public static long CurrentBytes => Environment.WorkingSet;

    /// <summary>The most bytes since the process began.</summary>
    public static long PeakBytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return Math.Max(process.PeakWorkingSet64, CurrentBytes);
        }
    }
}
