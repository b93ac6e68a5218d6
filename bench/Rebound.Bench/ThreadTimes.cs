using System.Globalization;

namespace Rebound.Bench;

/// <summary>Processor time of this process's threads by their names, as Linux counts it.</summary>
internal static class ThreadTimes
{
    /// <summary>Seconds of all threads that live, but for those of some names.</summary>
    /// <param name="without">Beginnings of names, of at most 15 characters.</param>
    /// <returns>Not a number on other systems.</returns>
    public static double Seconds(params string[] without) => Directory.Exists("/proc/self/task")
        ? Directory.EnumerateDirectories("/proc/self/task").Where(thread => !Array.Exists(without, Name(thread).StartsWith)).Sum(Seconds)
        : double.NaN;

    private static string Name(string thread) => Read(thread, "comm");

    private static double Seconds(string thread) => Read(thread, "schedstat").Split(' ') is [var nanoseconds, _, ..]
        ? long.Parse(nanoseconds, CultureInfo.InvariantCulture) / 1e9
        : 0;

    private static string Read(string thread, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, file));
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }
}
