using System.Diagnostics;

namespace Rebound.Training;

/// <summary>The resident memory of this process.</summary>
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
