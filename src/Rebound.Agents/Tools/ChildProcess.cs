using System.Diagnostics;
using ModelContextProtocol.Client;

namespace Rebound.Agents.Tools;

/// <summary>How other programs are started here: without a shell, and without this process's environment, which may hold keys.</summary>
internal static class ChildProcess
{
    /// <param name="words">The program and its arguments.</param>
    /// <param name="environment">Variables beside those that count as harmless.</param>
    public static ProcessStartInfo Describe(IReadOnlyList<string> words, IReadOnlyDictionary<string, string> environment)
    {
        // On Windows many programs are scripts, which only the shell finds by name.
        string[] line = OperatingSystem.IsWindows() ? ["cmd.exe", "/c", .. words] : [.. words];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables()
            .Concat(environment.Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value))))
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
