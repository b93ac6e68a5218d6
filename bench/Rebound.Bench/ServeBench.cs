using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Inference.Serving;
using Rebound.Server;

namespace Rebound.Bench;

/// <summary>
/// What serving costs: answers of the engine alone, and the same ones streamed over HTTP on this machine, in turns, with the processor's
/// time of both, and that of the threads which are neither the engine's nor the client's.
/// </summary>
internal static class ServeBench
{
    private const string Engine = "generation";
    private const string Delivery = "delivery";
    private const string Client = "client";

    /// <summary>Rounds before those that count: code is compiled once more when it has run for a while.</summary>
    private const int WarmUp = 4;

    /// <summary>Of clients' threads, which have ended when their round is counted.</summary>
    private static double _clientSeconds;

    public static int Run(string[] arguments)
    {
        if (arguments is not [var model, .. var options])
        {
            Console.Error.WriteLine("usage: Rebound.Bench serve MODEL [--streams N] [--tokens N] [--rounds N] [--threads N] [--device cpu|cuda]");
            return 2;
        }

        int Number(string name, int value) =>
            Arguments.Option(options, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : value;
        using Backend backend = Arguments.Option(options, "--device") == "cuda"
            ? new CudaBackend()
            : new CpuBackend(Number("--threads", Environment.ProcessorCount));
        RunAsync(model, backend, Number("--streams", 32), Number("--tokens", 32), Number("--rounds", 3)).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(string path, Backend backend, int streams, int tokens, int rounds)
    {
        using var models = ServedModels.Load(path, [], backend, new ServedModelsOptions { MaxSequences = streams });
        await using var server = await ModelServer.StartAsync(new ServerOptions { Port = 0 });
        server.Serve(models);
        int[][] prompts = [.. Enumerable.Range(0, streams).Select(index => Enumerable.Range(0, 24).Select(place => 100 + index + (7 * place)).ToArray())];
        byte[][] bodies = [.. prompts.Select(prompt => Body(prompt, tokens))];
        using var sockets = new StreamSockets(server.Address, streams);
        Console.WriteLine($"{models.DefaultName} on {backend.Description}: {streams} streams of {tokens} tokens");
        var (alone, served) = (new Side("the engine alone"), new Side("over HTTP"));
        for (var round = -WarmUp; round < rounds; round++)
        {
            foreach (var (side, work) in new (Side, Func<Task>)[]
            {
                (alone, () => Task.WhenAll(prompts.Select(prompt => GenerateAsync(models.Engine, prompt, tokens)))),
                (served, () => OnClient(() => sockets.Read("v1/completions", bodies))),
            })
            {
                var (watch, before, threads) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime, Threads());
                var (pauses, bytes) = (GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
                await work();
                if (round >= 0)
                {
                    side.Add(
                        watch.Elapsed, Process.GetCurrentProcess().TotalProcessorTime - before,
                        [.. Threads().Zip(threads, (after, first) => after - first)],
                        GC.GetTotalPauseDuration() - pauses, GC.GetTotalAllocatedBytes() - bytes);
                }
            }
        }

        foreach (var side in new[] { alone, served })
        {
            Console.WriteLine(side.Line(streams * tokens, alone));
        }
    }

    private static async Task GenerateAsync(EngineLoop engine, int[] prompt, int tokens)
    {
        var request = new GenerationRequest(prompt, null, new GenerationOptions { MaxNewTokens = tokens }, CancellationToken.None);
        engine.Submit(request);
        await foreach (var _ in request.EventsAsync())
        {
        }
    }

    /// <summary>
    /// Seconds of the thread that steps the model, of the one that hands out tokens, of the client, and of those that are neither the
    /// engine's, the client's nor the just-in-time compiler's.
    /// </summary>
    private static double[] Threads() =>
    [
        ThreadTimes.Seconds(name => name == Engine),
        ThreadTimes.Seconds(name => name == Delivery),
        _clientSeconds,
        ThreadTimes.Seconds(name => name is not (Engine or Delivery or Client)
            && !name.StartsWith("rebound worker", StringComparison.Ordinal) && !name.StartsWith(".NET Tiered", StringComparison.Ordinal)),
    ];

    private static Task OnClient(Action work)
    {
        var done = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            try
            {
                work();
                _clientSeconds += ThreadTimes.Own;
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = Client,
        };
        thread.Start();
        return done.Task;
    }

    private static byte[] Body(int[] prompt, int tokens) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["prompt"] = new JsonArray([.. prompt.Select(token => JsonValue.Create(token))]),
        ["max_tokens"] = tokens,
        ["temperature"] = 0,
        ["ignore_eos"] = true,
        ["stream"] = true,
    }.ToJsonString());

    private sealed class Side(string name)
    {
        private readonly List<Round> _runs = [];

        private double Seconds => Median(run => run.Seconds);

        private double Processor => Median(run => run.Processor);

        public void Add(TimeSpan elapsed, TimeSpan processor, double[] threads, TimeSpan pauses, long bytes) =>
            _runs.Add(new Round(elapsed.TotalSeconds, processor.TotalSeconds, threads, pauses.TotalSeconds, bytes));

        /// <summary>Medians of the runs.</summary>
        public string Line(int tokens, Side beside) =>
            $"  {name,-18} {tokens / Seconds,9:0.0} tokens/s ({Seconds / beside.Seconds:0.000} of the time), processor "
            + $"{1e6 * Processor / tokens,6:0.0} µs a token ({Processor / beside.Processor:0.000}), "
            + $"{1e6 * Median(run => run.Threads[3]) / tokens,6:0.0} µs of them by the server's threads; busy: engine {Busy(0)}, delivery {Busy(1)}, "
            + $"client {Busy(2)}; "
            + $"{Median(run => run.Bytes) / tokens / 1024:0.0} KiB a token, collected in {Median(run => run.Pauses / run.Seconds):0.0%} of the time";

        private string Busy(int thread) => Median(run => run.Threads[thread] / run.Seconds).ToString("0%", CultureInfo.InvariantCulture);

        private double Median(Func<Round, double> of) => _runs.Select(of).Order().ElementAt(_runs.Count / 2);

        private readonly record struct Round(double Seconds, double Processor, double[] Threads, double Pauses, double Bytes);
    }
}
