using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Rebound.Bench;

/// <summary>Runs a peer as a process of its own, between Rebound's runs, and reads what it prints.</summary>
internal static class Peer
{
    /// <summary>
    /// The JSON on the last line; null, with a line on the error output that says why, when the peer is not installed or failed.
    /// </summary>
    public static JsonNode? RunJson(string program, params string[] arguments) =>
        Run(program, arguments) is [.., var last] ? JsonNode.Parse(last) : null;

    /// <summary>The lines that it printed, none when it failed.</summary>
    public static string[] Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // A peer keeps its memory between steps, as Rebound does: glibc would give large blocks back, and fault every page in anew.
            Environment = { ["MALLOC_MMAP_MAX_"] = "0", ["MALLOC_TRIM_THRESHOLD_"] = $"{long.MaxValue}" },
        };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd().TrimEnd();
            process.WaitForExit();
            if (process.ExitCode == 0 && output.Length > 0)
            {
                return output.Split('\n');
            }

            Console.Error.WriteLine($"The peer {program} {arguments[0]} ended with {process.ExitCode}: {errors.Result.TrimEnd()}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Console.Error.WriteLine($"The peer {program} cannot be started: {exception.Message}.");
        }

        return [];
    }

    /// <summary>A file beside the benchmarks, in <c>bench/peers</c>.</summary>
    public static string Script(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "bench", "peers", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"bench/peers/{name} was not found above {AppContext.BaseDirectory}.");
    }
}
