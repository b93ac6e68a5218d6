namespace Rebound.Cli.Tests;

/// <summary>
/// Whether child processes can be interrupted: a job started in a script's background ignores Ctrl-C, and so do its children.
/// </summary>
internal static class Interrupts
{
    private const ulong SigIntBit = 1UL << 1;

    public static void SkipIfIgnored()
    {
        const string Status = "/proc/self/status";
        var line = File.Exists(Status)
            ? File.ReadLines(Status).FirstOrDefault(l => l.StartsWith("SigIgn:", StringComparison.Ordinal))
            : null;
        var ignored = line is null ? 0 : Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16);
        Assert.SkipWhen((ignored & SigIntBit) != 0, "SIGINT is ignored here, as in a script's background jobs.");
    }
}
