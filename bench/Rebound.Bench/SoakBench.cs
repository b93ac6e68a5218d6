using System.Diagnostics;
using System.Globalization;
using Rebound.Engine;
using Rebound.Inference.Serving;
using Rebound.Server;

namespace Rebound.Bench;

/// <summary>
/// Many clients at once for minutes, that stream, break off, cut connections, send nonsense and too much; then nothing may be lost or left.
/// </summary>
internal static class SoakBench
{
    private const int MostBodyBytes = 64 << 10;

    /// <summary>The part of the time before memory is looked at.</summary>
    private const double WarmUp = 0.3;

    /// <summary>Growth of memory from the first third behind the warm-up to the last that is no leak.</summary>
    private const double MostGrowth = 0.05;

    public static int Run(string[] arguments)
    {
        if (arguments is not [var model, .. var options])
        {
            Console.Error.WriteLine("usage: Rebound.Bench soak MODEL [--clients N] [--minutes N] [--tokens N] [--concurrency N] [--threads N]");
            return 2;
        }

        double Number(string name, double value) =>
            Arguments.Option(options, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : value;

        // Greedy answers have to be the same whatever runs beside them.
        using var backend = new CpuBackend((int)Number("--threads", Environment.ProcessorCount), batchInvariant: true);
        return RunAsync(
            model, backend, (int)Number("--clients", 64), TimeSpan.FromMinutes(Number("--minutes", 10)), (int)Number("--tokens", 16),
            (int)Number("--concurrency", 8)).GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync(string path, Backend backend, int clients, TimeSpan time, int tokens, int concurrency)
    {
        using var models = ServedModels.Load(path, [], backend, new ServedModelsOptions { MaxSequences = concurrency });
        await using var server = await ModelServer.StartAsync(new ServerOptions
        {
            Port = 0,
            MaxBodyBytes = MostBodyBytes,
            MaxWaiting = clients / 2,
        });
        server.Serve(models);
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
        var counts = new SoakCounts();
        var first = new SoakClient(http, server.Address, tokens, MostBodyBytes, counts, seed: -1);
        await first.LearnAsync();
        Console.WriteLine($"{models.DefaultName} on {backend.Description}: {clients} clients, {time.TotalMinutes:0.#} minutes");
        using var over = new CancellationTokenSource(time);
        var work = Task.WhenAll(Enumerable.Range(0, clients).Select(seed =>
            new SoakClient(http, server.Address, tokens, MostBodyBytes, counts, seed) { Expected = first.Expected }.RunAsync(over.Token)));
        var memory = new List<(double Seconds, double Heap, double Resident)>();
        var watch = Stopwatch.StartNew();
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(Math.Max(1, time.TotalSeconds / 40))));
            var heap = GC.GetTotalMemory(forceFullCollection: true) / 1048576.0;
            using var process = Process.GetCurrentProcess();
            memory.Add((watch.Elapsed.TotalSeconds, heap, process.WorkingSet64 / 1048576.0));
            Console.WriteLine($"{memory[^1].Seconds,6:0} s  heap {heap,7:0.0} MiB  resident {memory[^1].Resident,7:0.0} MiB  {counts}");
        }

        await work;
        while (models.Engine.Running + models.Engine.Waiting + models.Engine.HeldTokens > 0)
        {
            await Task.Delay(10);
        }

        await first.WholeAsync();
        var behind = memory.Where(sample => sample.Seconds > WarmUp * time.TotalSeconds).ToArray();
        var (heapGrowth, residentGrowth) = (Growth([.. behind.Select(sample => sample.Heap)]), Growth([.. behind.Select(sample => sample.Resident)]));
        Console.WriteLine(
            $"{counts}; held tokens 0; growth behind the warm-up: heap {heapGrowth:+0.0%;-0.0%}, resident {residentGrowth:+0.0%;-0.0%}");
        foreach (var problem in counts.Problems)
        {
            Console.WriteLine($"  {problem}");
        }

        return counts.Problems.Count == 0 && heapGrowth < MostGrowth && residentGrowth < MostGrowth ? 0 : 1;
    }

    /// <summary>From the median of the first third to that of the last, 0.1 for a tenth more.</summary>
    private static double Growth(double[] samples)
    {
        var third = Math.Max(1, samples.Length / 3);
        return samples.Length < 2 ? 0 : (Median(samples[^third..]) / Median(samples[..third])) - 1;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
