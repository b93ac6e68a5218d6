namespace Rebound.Cli.Machine;

/// <summary>The limits that a container or a service manager sets on Linux: control groups of version 2 and 1.</summary>
internal static class ControlGroup
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>A version 1 group without a limit holds the largest page-aligned number.</summary>
    private const long NoLimit = 1L << 60;

    /// <summary>The least memory limit of the process's groups in bytes, or null if there is none.</summary>
    public static long? MemoryLimit => Smallest(Files("memory", "memory.max", "memory.limit_in_bytes")
        .Select(file => long.TryParse(Read(file), out var limit) && limit < NoLimit ? (double?)limit : null)) is { } least
        ? (long)least
        : null;

    /// <summary>The least quota of the process's groups in processors, or null if there is none.</summary>
    public static double? ProcessorLimit => Smallest(
        Files("cpu", "cpu.max", "cpu.cfs_quota_us").Select(file => file.EndsWith("cpu.max", StringComparison.Ordinal)
            ? Quota(Read(file).Split(' '))
            : Quota([Read(file), Read(Path.Combine(Path.GetDirectoryName(file)!, "cpu.cfs_period_us"))])));

    private static double? Quota(string[] quotaAndPeriod) =>
        quotaAndPeriod is [var quota, var period]
        && double.TryParse(quota, out var microseconds)
        && double.TryParse(period, out var each)
        && microseconds > 0
        && each > 0
            ? microseconds / each
            : null;

    private static double? Smallest(IEnumerable<double?> limits) => limits.Where(limit => limit is not null).Min();

    /// <summary>The limit files of the process's group and of every group above it.</summary>
    private static IEnumerable<string> Files(string controller, string file, string fileOfVersion1)
    {
        foreach (var line in Read("/proc/self/cgroup").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(':', 3) is not [_, var controllers, var group])
            {
                continue;
            }

            var isVersion2 = controllers.Length == 0;
            if (!isVersion2 && !controllers.Split(',').Contains(controller))
            {
                continue;
            }

            var root = isVersion2 ? Root : Path.Combine(Root, controllers);
            root = !isVersion2 && !Directory.Exists(root) ? Path.Combine(Root, controller) : root;
            for (var folder = group.Trim('/'); ; folder = Path.GetDirectoryName(folder) ?? "")
            {
                yield return Path.Combine(root, folder, isVersion2 ? file : fileOfVersion1);
                if (folder.Length == 0)
                {
                    break;
                }
            }
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
