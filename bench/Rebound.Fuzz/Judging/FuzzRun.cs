using System.Diagnostics;
using System.Text.Json;

namespace Rebound.Fuzz.Judging;

/// <summary>What a reader made of its inputs.</summary>
/// <param name="Slowest">The most of the processor's time that an input took.</param>
/// <param name="Largest">Bytes that were handed out for one input, those freed meanwhile included.</param>
/// <param name="Held">Bytes by which a process grew with one input.</param>
internal sealed record FuzzResult(
    string Reader, long Inputs, long Accepted, long Refused, TimeSpan Slowest, long Largest, long Held, IReadOnlyList<Finding> Findings);

/// <summary>Feeds a reader in worker processes: one that an input ends is replaced by one that goes on behind it.</summary>
internal static class FuzzRun
{
    /// <summary>Ended processes after which a reader is given up: it needs mending, not more inputs.</summary>
    private const int MostStops = 50;

    /// <summary>How long a worker may stay at one input, or need to begin, before it is ended from outside.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<FuzzResult> RunAsync(FuzzReader reader, long seed, long inputs, CancellationToken cancellation = default)
    {
        var statePath = Path.GetTempFileName();
        try
        {
            var findings = new List<Finding>();
            var stops = 0;
            using var state = new WorkerState(statePath);
            for (var first = 0L; first < inputs && stops < MostStops; first = state.Index + 1)
            {
                state.Index = first;
                var (found, isWhole) = await WorkAsync(reader, seed, first, inputs, statePath, cancellation);
                findings.AddRange(found);
                if (isWhole)
                {
                    break;
                }

                stops++;
            }

            return new FuzzResult(
                reader.Name, inputs, state.Accepted, state.Refused, TimeSpan.FromMicroseconds(state.Slowest),
                state.Largest, state.Held, findings);
        }
        finally
        {
            File.Delete(statePath);
        }
    }

    private static async Task<(List<Finding> Found, bool IsWhole)> WorkAsync(
        FuzzReader reader, long seed, long first, long end, string statePath, CancellationToken cancellation)
    {
        using var process = Process.Start(Program(reader, $"{seed}", $"{first}", $"{end}", statePath))!;
        var (isStuck, seen) = (false, -1L);
        await using var watch = new Timer(_ => EndIfStuck(), null, Patience, Patience);
        try
        {
            var complaint = process.StandardError.ReadToEndAsync(cancellation);
            var found = new List<Finding>();
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                found.Add(JsonSerializer.Deserialize<Finding>(line)!);
            }

            await process.WaitForExitAsync(cancellation);
            using var state = new WorkerState(statePath);
            if (Volatile.Read(ref isStuck))
            {
                found.Add(new Finding(reader.Name, state.Index, Fault.Hang, "", $"nothing for {Patience.TotalMinutes} minutes"));
            }
            else if (process.ExitCode is not (0 or Worker.StoppedByInput))
            {
                found.Add(
                    new Finding(reader.Name, state.Index, Fault.Crash, FirstOfRebound(await complaint), (await complaint).Split('\n')[0]));
            }

            return (found, process.ExitCode == 0);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        void EndIfStuck()
        {
            using var state = new WorkerState(statePath);
            if (state.Index == Interlocked.Exchange(ref seen, state.Index) && !process.HasExited)
            {
                Volatile.Write(ref isStuck, true);
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static ProcessStartInfo Program(FuzzReader reader, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "Rebound.Fuzz.dll"), "worker", reader.Name, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The heap ends a little above what is allowed, so that a fault of memory is an exception with a place before the machine feels it.
        start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{reader.MostMemory + (reader.MostMemory / 4):x}";
        start.Environment["DOTNET_gcConcurrent"] = "0";

        // A few thousand short inputs do not earn back what counting their branches costs.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }

    private static string FirstOfRebound(string complaint) => complaint.Split('\n').Select(line => line.Trim())
        .FirstOrDefault(line =>
            line.StartsWith("at Rebound.", StringComparison.Ordinal) && !line.StartsWith("at Rebound.Fuzz", StringComparison.Ordinal))
                ?? "";
}
