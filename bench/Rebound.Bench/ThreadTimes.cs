using System.Globalization;

namespace Rebound.Bench;

/// <summary>Processor time of this process's threads by their names, as Linux counts it.</summary>
internal static class ThreadTimes
{
    /// <summary>Seconds of the thread that asks.</summary>
    public static double Own => Seconds("/proc/thread-self");

    /// <summary>Seconds of the threads that live and have such names.</summary>
    /// <param name="counts">Of a name, which is cut to 15 characters.</param>
    /// <returns>Not a number on other systems.</returns>
    public static double Seconds(Predicate<string> counts) => Directory.Exists("/proc/self/task")
        ? Directory.EnumerateDirectories("/proc/self/task").Where(thread => counts(Name(thread))).Sum(Seconds)
        : double.NaN;

    private static string Name(string thread) => Read(thread, "comm").TrimEnd();

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
