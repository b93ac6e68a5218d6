namespace Rebound.Cli.Machine;

/// <summary>Memory and disk.</summary>
internal static class MemoryFacts
{
    /// <summary>Bytes that a process here can have: what is free, within the limit that .NET sees.</summary>
    public static long AvailableBytes =>
        Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, FromProc("MemAvailable") ?? long.MaxValue);

    public static IEnumerable<Fact> All()
    {
        var usable = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return Fact.OfBytes("total", "total_bytes", FromProc("MemTotal") ?? usable, "unknown");
        yield return Fact.OfBytes("available", "available_bytes", FromProc("MemAvailable"), "unknown");
        yield return Fact.OfBytes("limit of the group", "group_limit_bytes", ControlGroup.MemoryLimit, "none");
        yield return Fact.OfBytes("usable by .NET", "usable_bytes", usable, "unknown");

        var folder = Environment.CurrentDirectory;
        yield return Fact.OfBytes("free on disk here", "disk_free_bytes", new DriveInfo(folder).AvailableFreeSpace, "unknown");
    }

    /// <summary>A line of <c>/proc/meminfo</c>, which counts in KiB.</summary>
    private static long? FromProc(string name)
    {
        const string file = "/proc/meminfo";
        if (!File.Exists(file))
        {
            return null;
        }

        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..] && long.TryParse(kibibytes, out var count)
            ? count * 1024
            : null;
    }
}
