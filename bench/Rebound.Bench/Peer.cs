using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Rebound.Bench;

/// <summary>Seconds that another program took for the same work, as it printed them.</summary>
internal sealed record PeerTiming(string Name, double BestSeconds, double MedianSeconds);

/// <summary>Runs a peer as a process of its own, between Rebound's runs, and reads the JSON line that it prints.</summary>
internal static class Peer
{
    /// <summary>Null, with a line on the error output that says why, when the peer is not installed or failed.</summary>
    public static PeerTiming? Run(string program, params string[] arguments) => RunJson(program, arguments) is { } json
        ? new PeerTiming((string)json["peer"]!, (double)json["best_s"]!, (double)json["median_s"]!)
        : null;

    /// <summary>As <see cref="Run"/>, for what else a peer prints.</summary>
    public static JsonNode? RunJson(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0 && output.TrimEnd().Split('\n')[^1] is { Length: > 0 } line)
            {
                return JsonNode.Parse(line);
            }

            Console.Error.WriteLine($"The peer {program} {arguments[0]} ended with {process.ExitCode}: {errors.Result.TrimEnd()}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Console.Error.WriteLine($"The peer {program} cannot be started: {exception.Message}.");
        }

        return null;
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
